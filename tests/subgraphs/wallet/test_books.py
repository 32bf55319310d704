"""The books check and the chain verification find what is wrong, and nothing when nothing is."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from subgraphs.wallet import books as books_command
from subgraphs.wallet import verify_chain as chain_command
from subgraphs.wallet.check_books import BooksNotChecked, Order, check_in_own_process
from subgraphs.wallet.domain import books, chain, chart
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.wallet_world import ANA, MARINA, SERGIO, WalletWorld, number

ROOT = Path(__file__).resolve().parents[3]


async def check(world: WalletWorld) -> books.BooksReport:
    return await books.check_books(world.subgraph.database, now=world.clock.now())


async def business(world: WalletWorld) -> None:
    """A little of everything."""
    await world.person_with(MARINA, 1_000_00)
    await world.open_wallets(SERGIO)
    await world.request_investment(MARINA, 600_00, investment=number(0x101))
    await world.request_investment(MARINA, 100_00, investment=number(0x102), offering=number(0x0E))
    await world.fund(600_00, 1)


async def test_books_in_use_balance(world: WalletWorld) -> None:
    await business(world)
    report = await check(world)
    assert report.problems == ()
    assert report.entries == 13


async def test_empty_books_balance(world: WalletWorld) -> None:
    report = await check(world)
    assert (report.balanced, report.entries) == (True, 0)


async def test_a_changed_amount_is_found_four_times(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await business(world)
    available = chart.available(MARINA)
    await tamper(
        owner,
        "ledger_entries",
        "UPDATE ledger_entries SET amount_minor = 200000 WHERE account_id = $1 AND sequence = 1",
        available.id,
    )
    deposit = await world.scalar("SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT'")
    entry = await world.scalar("SELECT id FROM ledger_entries WHERE amount_minor = 200000")
    assert (await check(world)).problems == (
        f"{available.code}: the balance says 30000 after 3 entries, the entries say 130000 after 3 (cents)",
        f"transfer {deposit} (DEPOSIT): debits minus credits are -R$ 1.000,00",
        f"transfer {deposit} (DEPOSIT) is not what its cause says: credit {available.code} of R$ 1.000,00 has no cause",
        f"{available.code}: entry 1 ({entry}) breaks the chain",
    )


async def test_a_changed_cause_is_found(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await business(world)
    await tamper(
        owner,
        "ledger_transfers",
        "UPDATE ledger_transfers SET reference_id = $1 WHERE kind = 'DEPOSIT'",
        number(9),
    )
    problems = (await check(world)).problems
    assert len(problems) == 3
    assert "(DEPOSIT) is not what its cause says" in problems[0]
    assert all(problem.endswith("breaks the chain") for problem in problems[1:])


async def test_a_removed_end_of_a_chain_is_found(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await business(world)
    held = chart.held(MARINA)
    await tamper(owner, "ledger_entries", "DELETE FROM ledger_entries WHERE account_id = $1 AND sequence = 3", held.id)
    assert f"{held.code}: the chain ends at entry 2, not 3" in (await check(world)).problems


async def test_a_changed_balance_is_found(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await business(world)
    bank = "UPDATE ledger_balances SET balance_minor = balance_minor + 1 WHERE account_id = $1"
    await owner.execute(bank, chart.BANK)
    assert (await check(world)).problems == (
        "bank: the balance says 100001 after 1 entries, the entries say 100000 after 1 (cents)",
    )


async def test_money_held_without_a_hold_is_found(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await business(world)
    await tamper(owner, "holds", "UPDATE holds SET status = 'RELEASED', ended_at = now() WHERE status = 'ACTIVE'")
    hold = await world.scalar("SELECT id FROM holds WHERE status = 'RELEASED'")
    assert (await check(world)).problems == (
        f"held:{MARINA}: R$ 100,00 is held, active holds are of R$ 0,00",
        f"hold {hold} is recorded, and its HOLD_RELEASE is not in the ledger",
    )


async def test_a_clearing_account_that_keeps_money_is_found(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await business(world)
    await world.arrive("x" * 30, 5_00)
    assert (await check(world)).balanced
    resolved = "UPDATE gateway_payments SET outcome = 'RESOLVED' WHERE outcome = 'QUARANTINED'"
    await tamper(owner, "gateway_payments", resolved)
    unsettled = "UPDATE gateway_payments SET settled_at = NULL WHERE txid = $1"
    await tamper(owner, "gateway_payments", unsettled, "x" * 30)
    *kept, caused, said = (await check(world)).problems
    assert kept == [
        "gateway: R$ 0,00 is there, R$ 5,00 has yet to be settled",
        "suspense: R$ 5,00 is there, R$ 0,00 has yet to be decided on",
    ]
    assert "(GATEWAY_SETTLEMENT) is not what its cause says" in caused
    assert "is RESOLVED, and 500 cents of it are in suspense" in said


async def test_the_chain_is_the_same_when_read_in_small_batches(world: WalletWorld) -> None:
    await business(world)
    async with world.subgraph.database.read() as session:
        whole = await chain.verify_chains(session)
    async with world.subgraph.database.read() as session:
        in_twos = await chain.verify_chains(session, batch=2)
    assert whole == in_twos
    assert (whole.entries, whole.problems, len(whole.digest)) == (13, [], 64)


async def run(world: WalletWorld, *arguments: str, url: str | None = None, **settings: str) -> tuple[int, str, str]:
    """A command of the wallet as people start it, with *settings* in its environment."""
    environment = settings | {
        "WALLET_DATABASE_URL": world.subgraph.database.url if url is None else url,
        "PEERSEED_SANDBOXES": "1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_commands_say_whether_the_books_balance(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await business(world)
    report = await check(world)
    verdict = f"digest of all chains: {report.digest}\n"
    balanced = await run(world, "subgraphs.wallet.books")
    not_asked = (
        "not looked at: the gateway's list of payments: its settings are not here\n"
        "not looked at: the receipts for remitted taxes: the tax collector's settings are not here\n"
    )
    assert balanced == (0, f"13 entries: the books balance\n{verdict}{not_asked}", "")
    whole = await run(world, "subgraphs.wallet.verify_chain")
    assert whole == (0, f"13 entries: every chain is whole\n{verdict}", "")
    await tamper(owner, "ledger_transfers", "UPDATE ledger_transfers SET occurred_at = now() WHERE kind = 'HOLD'")
    code, out, _ = await run(world, "subgraphs.wallet.verify_chain")
    assert (code, out.splitlines()[0]) == (1, "13 entries: 4 breaks")
    code, out, _ = await run(world, "subgraphs.wallet.books")
    assert (code, out.splitlines()[0]) == (1, "13 entries: 6 problems")


async def test_the_statement_is_printed_for_a_person_and_for_all(world: WalletWorld) -> None:
    await business(world)
    command = "subgraphs.wallet.statement"
    assert await run(world, command, str(MARINA)) == (0, await world.statement(MARINA), "")
    assert await run(world, command) == (0, await world.trial_balance(), "")
    assert await run(world, command, str(number(1))) == (1, "", f"user {number(1)} has no wallet\n")
    assert await run(world, command, "nobody") == (2, "", "usage: python -m subgraphs.wallet.statement [USER_ID]\n")


async def test_a_command_without_a_database_says_what_to_do(world: WalletWorld) -> None:
    code, _, err = await run(world, "subgraphs.wallet.books", url="")
    assert (code, err.strip()) == (
        1,
        "Set WALLET_DATABASE_URL to the wallet's database (`make books` does it for a local run).",
    )


async def the_job(world: WalletWorld) -> bool:
    (job,) = [candidate for candidate in world.subgraph.jobs if candidate.name == "check books"]
    return bool(await job.run())


LAST = "{ booksCheck(now: false) { balanced problems entries checkedAt since } }"
WRONG = "bank: the balance says 100001 after 1 entries, the entries say 100000 after 1 (cents)"


async def test_the_hourly_check_runs_in_a_process_of_its_own_and_is_kept(
    world: WalletWorld, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("this process answers people")

    monkeypatch.setattr(books, "check_books", never)
    await business(world)
    assert (await world.get(LAST, ANA, "admin"))["booksCheck"] is None
    assert await the_job(world) is True
    nine = "2026-11-23T12:00:00.000Z"
    whole = {"balanced": True, "problems": [], "entries": "13", "checkedAt": nine, "since": None}
    assert (await world.get(LAST, ANA, "admin"))["booksCheck"] == whole
    bank = "UPDATE ledger_balances SET balance_minor = balance_minor + 1 WHERE account_id = $1"
    await owner.execute(bank, chart.BANK)
    world.clock.advance(minutes=29)
    assert await the_job(world) is True  # as was found half an hour before
    world.clock.advance(minutes=31)
    assert await the_job(world) is False
    last = (await world.get(LAST, ANA, "admin"))["booksCheck"]
    assert (last["problems"], last["since"]) == ([WRONG], nine)
    assert last["checkedAt"] == "2026-11-23T13:00:00.000Z"


async def test_once_a_day_all_is_looked_at_again(world: WalletWorld) -> None:
    await business(world)
    found = []
    for _ in range(4):
        assert await the_job(world) is True
        found.append((await world.get(LAST, ANA, "admin"))["booksCheck"]["since"])
        world.clock.advance(hours=10)
    first = "2026-11-23T12:00:00.000Z"
    assert found == [None, first, first, None]


async def test_without_a_key_every_check_is_a_whole_one_and_nothing_is_signed(world: WalletWorld) -> None:
    await business(world)
    settings = world.services.settings.model_copy(update={"books_secret": None})
    for _ in range(2):
        await check_in_own_process(Order(settings, world.clock.now(), clock_moved=True, whole=False))
    assert await world.rows("SELECT since FROM books_checks") == [(None,), (None,)]
    assert await world.rows("SELECT number FROM verified_places") == []


async def test_an_administrator_sees_what_has_come_since_and_waits_for_no_more(
    world: WalletWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await business(world)
    now = "{ booksCheck { balanced entries since } }"
    assert (await world.get(now, ANA, "admin"))["booksCheck"] == {"balanced": True, "entries": "13", "since": None}
    await the_job(world)
    await world.deposit(SERGIO, 5_00)
    since = {"balanced": True, "entries": "17", "since": "2026-11-23T12:00:00.000Z"}
    assert (await world.get(now, ANA, "admin"))["booksCheck"] == since
    assert await world.rows("SELECT number FROM verified_places") == [(1,)]
    monkeypatch.setattr(books, "ENTRIES_AT_ONCE_MAX", 3)
    answer = await world.ask(now, ANA, "admin")
    assert answer["data"] == {"booksCheck": None}
    (error,) = answer["errors"]
    assert error["message"] == (
        "4 entries are to be looked at: too many while people wait. "
        "Ask what the hourly check found last (`now: false`)."
    )
    assert error["extensions"] == {"code": "TOO_MUCH_TO_CHECK"}


async def test_a_check_without_a_result_is_an_error(world: WalletWorld) -> None:
    away = world.services.settings.model_copy(update={"database_url": SecretStr("postgresql://127.0.0.1:1/wallet")})
    with pytest.raises(BooksNotChecked, match="it ended with 1"):
        await check_in_own_process(Order(away, world.clock.now(), clock_moved=True))


def test_reports_name_every_problem() -> None:
    report = books.BooksReport(problems=("one", "two"), entries=5, digest="d")
    assert books_command.describe(report) == "5 entries: 2 problems\ndigest of all chains: d\n- one\n- two\n"
    broken = chain.ChainReport(entries=5, problems=["one"], digest="d")
    assert chain_command.describe(broken) == "5 entries: 1 breaks\ndigest of all chains: d\n- one\n"


@pytest.mark.parametrize("job", ["check books", "expire holds", "settle gateway payments", "find lost payments"])
async def test_jobs_find_nothing_to_do_in_an_empty_ledger(world: WalletWorld, job: str) -> None:
    (found,) = [candidate for candidate in world.subgraph.jobs if candidate.name == job]
    assert await found.run() in (0, True)
