"""What a whole check verified is kept and signed, and a later check goes on from there, or says why it cannot."""

import json
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from subgraphs.wallet.domain import books, chart, places
from subgraphs.wallet.domain.chain import BEYOND, _portions
from subgraphs.wallet.domain.places import BooksKey, Start, UnusablePlace
from subgraphs.wallet.models import VerifiedPlace
from tests.subgraphs.wallet.checking import KEY, since, whole
from tests.subgraphs.wallet.conftest import BOOKS_SECRET
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, WalletWorld, number

OTHER_KEY = BooksKey("of somebody else who signs as well as we do")
DAY = "2026-11-23 12:00 UTC"


async def verified(world: WalletWorld) -> VerifiedPlace:
    """The place that a whole check of books that balance leaves."""
    place = (await whole(world)).place
    assert place is not None
    return place


async def since_place(world: WalletWorld, place: VerifiedPlace, key: BooksKey = KEY) -> books.BooksReport:
    return await books.check_books(world.services.database, now=world.clock.now(), start=Start(place, key))


def signed(place: VerifiedPlace, key: BooksKey = KEY, **changes: object) -> VerifiedPlace:
    """Another place, as *key* signs it."""
    fields = {name: getattr(place, name) for name in places.SIGNED}
    other = VerifiedPlace(**fields | changes)
    key.sign(other)
    return other


async def test_a_whole_check_is_a_place_from_which_the_next_goes_on(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    place = await verified(world)
    assert (place.number, place.entries, place.verified_at) == (1, 4, world.clock.now())
    await world.person_with(CARLOS, 50_00)
    report = await since(world)
    all_of_it = await whole(world, key=None)
    assert report.since is not None
    assert (report.since.number, report.problems, report.entries) == (1, (), 8)
    assert (all_of_it.problems, all_of_it.entries, all_of_it.digest) == ((), 8, report.digest)
    assert all_of_it.place is None


async def test_of_a_place_only_the_chains_are_kept_that_have_moved(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    await verified(world)
    accounts = await world.scalar("SELECT count(*) FROM ledger_accounts")
    await world.deposit(MARINA, 5_00)
    await verified(world)
    moved = await world.rows("SELECT place, count(*) FROM verified_chains GROUP BY place ORDER BY place")
    # Marina's available money, the gateway and the bank.
    assert moved == [(1, accounts), (2, 3)]
    assert (await since(world)).problems == ()


async def test_empty_books_are_a_place_too(world: WalletWorld) -> None:
    assert (await verified(world)).entries == 0
    await world.person_with(MARINA, 100_00)
    report = await since(world)
    assert (report.problems, report.entries) == ((), 4)


async def test_only_books_that_balance_and_were_looked_at_as_a_whole_are_signed(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await world.person_with(MARINA, 100_00)
    not_all = await books.check_books(world.services.database, now=world.clock.now(), sign_with=KEY)
    assert (not_all.balanced, not_all.place) == (True, None)
    await owner.execute("UPDATE ledger_balances SET balance_minor = 1 WHERE account_id = $1", chart.BANK)
    assert (await whole(world)).place is None
    assert await world.rows("SELECT number FROM verified_places") == []


async def test_what_was_verified_stays(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await verified(world)
    for statement in (
        "UPDATE verified_places SET entries = 1",
        "DELETE FROM verified_chains",
        "TRUNCATE verified_places CASCADE",
    ):
        with pytest.raises(asyncpg.PostgresError, match="stays as it was recorded"):
            await owner.execute(statement)


async def test_two_checks_at_once_leave_one_place(world: WalletWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.person_with(MARINA, 100_00)
    keep = places.keep_place

    async def keep_after_another(*arguments: object, **options: object) -> VerifiedPlace | None:
        monkeypatch.setattr(books, "keep_place", keep)
        await verified(world)
        return await keep(*arguments, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(books, "keep_place", keep_after_another)
    report = await whole(world)
    assert (report.problems, report.place) == ((), None)
    assert await world.rows("SELECT number FROM verified_places") == [(1,)]


async def forge_the_figures(owner: asyncpg.Connection) -> None:
    await tamper(owner, "verified_places", "UPDATE verified_places SET entries = entries + 1")


async def forge_the_signature(owner: asyncpg.Connection) -> None:
    await tamper(owner, "verified_places", "UPDATE verified_places SET signature = 'none'")


async def forge_a_chain(owner: asyncpg.Connection) -> None:
    await tamper(owner, "verified_chains", "UPDATE verified_chains SET balance_minor = balance_minor + 1")


async def take_a_chain_away(owner: asyncpg.Connection) -> None:
    await tamper(owner, "verified_chains", "DELETE FROM verified_chains WHERE account_id = $1", chart.BANK)


CHANGED = "verified place 1 is not as it was signed: somebody has changed it"
CHAINS_CHANGED = "where the chains stood at verified place 1 is not what was signed: somebody has changed it"


@pytest.mark.parametrize(
    ("forge", "says"),
    [
        (forge_the_figures, CHANGED),
        (forge_the_signature, CHANGED),
        (forge_a_chain, CHAINS_CHANGED),
        (take_a_chain_away, CHAINS_CHANGED),
    ],
)
async def test_a_forged_place_is_named_and_all_is_looked_at(
    world: WalletWorld,
    owner: asyncpg.Connection,
    forge: Callable[[asyncpg.Connection], Awaitable[None]],
    says: str,
) -> None:
    await world.person_with(MARINA, 100_00)
    await verified(world)
    await forge(owner)
    report = await since(world)
    assert (report.problems, report.since, report.entries) == ((says,), None, 4)


async def test_after_a_forged_place_the_next_is_good_again(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await verified(world)
    await forge_the_figures(owner)
    assert (await verified(world)).number == 2
    report = await since(world)
    assert report.since is not None
    assert (report.problems, report.since.number) == ((), 2)


async def test_a_place_signed_by_another_key_is_not_gone_on_from(world: WalletWorld) -> None:
    place = await verified(world)
    with pytest.raises(UnusablePlace) as raised:
        await since_place(world, place, OTHER_KEY)
    assert str(raised.value) == (
        f"verified place 1 is signed by the key {KEY.name[:16]}…, and not by ours, {OTHER_KEY.name[:16]}…"
    )
    report = await since(world, OTHER_KEY)
    # Whoever changes the key has done nothing wrong.
    assert (report.problems, report.since) == ((), None)


async def test_a_digest_that_is_newer_than_the_ledger_is_refused(world: WalletWorld) -> None:
    place = await verified(world)
    with pytest.raises(UnusablePlace) as raised:
        await since_place(world, signed(place, number=2))
    assert str(raised.value) == (
        f"this ledger knows nothing of verified place 2 of {DAY}: it is another one, or was brought back from a "
        "backup that is older"
    )


async def test_a_digest_of_a_ledger_that_was_brought_back_and_went_on_is_refused(world: WalletWorld) -> None:
    place = await verified(world)
    with pytest.raises(UnusablePlace) as raised:
        await since_place(world, signed(place, digest="0" * 64))
    assert str(raised.value) == (
        f"this ledger's verified place 1 is not the one of {DAY}: it was brought back from an older backup and went "
        "on from there, or was written anew"
    )


async def test_an_older_digest_still_fits_a_ledger_that_has_gone_on(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    first = places.read_digest(places.write_digest(await verified(world)))
    await world.person_with(CARLOS, 50_00)
    world.clock.advance(days=1)
    await verified(world)
    await world.deposit(CARLOS, 5_00)
    report = await since_place(world, first)
    assert (report.problems, report.entries, report.since) == ((), 12, first)


async def test_on_another_server_all_rows_are_looked_at_and_chains_from_the_place_on(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await world.person_with(MARINA, 100_00)
    place = await verified(world)
    await tamper(owner, "verified_places", "UPDATE verified_places SET server = 'the one before we moved'")
    # What is wrong with it was so before, and is not in the chains.
    await tamper(owner, "gateway_payments", "DELETE FROM gateway_payments")
    report = await since_place(world, signed(place, server="the one before we moved"))
    assert "(DEPOSIT) is not what its cause says" in report.problems[0]
    assert report.entries == 4


TO_THE_FIRST = """
    UPDATE ledger_balances AS balance SET balance_minor = entry.balance_after_minor, entry_count = 1,
        last_hash = entry.hash
    FROM ledger_entries AS entry WHERE entry.account_id = balance.account_id AND entry.sequence = 1
        AND balance.account_id = $1
"""


async def test_a_ledger_that_ends_before_the_place_is_named(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await world.person_with(MARINA, 100_00)
    await world.deposit(MARINA, 5_00)
    place = await verified(world)
    bank = "DELETE FROM ledger_entries WHERE account_id = $1 AND sequence = 2"
    await tamper(owner, "ledger_entries", bank, chart.BANK)
    await owner.execute(TO_THE_FIRST, chart.BANK)
    problems = (await since_place(world, place)).problems
    assert "bank: the chain ends at entry 1, and was verified up to entry 2" in problems


async def test_a_last_entry_that_was_written_anew_is_named(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await world.person_with(MARINA, 100_00)
    place = await verified(world)
    await owner.execute("UPDATE ledger_balances SET last_hash = 'another' WHERE account_id = $1", chart.BANK)
    problems = (await since_place(world, place)).problems
    assert problems == ("bank: entry 1, the last, is not the one that was verified",)


async def test_an_account_that_is_gone_is_named(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await world.person_with(MARINA, 100_00)
    place = await verified(world)
    held = chart.held(MARINA).id
    async with owner.transaction():
        await owner.execute("ALTER TABLE wallets DROP CONSTRAINT fk_wallets_held_id")
        await owner.execute("ALTER TABLE ledger_balances DROP CONSTRAINT fk_ledger_balances_account_id")
        for table, column in (("ledger_balances", "account_id"), ("ledger_accounts", "id")):
            await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            await owner.execute(f"DELETE FROM {table} WHERE {column} = $1", held)  # noqa: S608  # our own names
            await owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    problems = (await since_place(world, place)).problems
    assert f"account {held} is gone, of which 0 entries were verified" in problems


async def test_what_was_recorded_before_and_has_ended_since_is_judged_anew(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await world.person_with(MARINA, 100_00)
    await world.request_investment(MARINA, 60_00, investment=number(0x101))
    await verified(world)
    assert (await since(world)).problems == ()
    await tamper(owner, "holds", "UPDATE holds SET amount_minor = 1")
    problems = (await since(world)).problems
    assert any("(HOLD) is not what its cause says" in problem for problem in problems), problems


@pytest.mark.parametrize(
    "content",
    ["", "nothing", "[]", "{}", '{"number": "one"}', json.dumps(dict.fromkeys(places.SIGNED, "x"))],
)
def test_what_is_no_digest_is_said_to_be_none(content: str) -> None:
    with pytest.raises(UnusablePlace, match="the file is no digest of the books as `make books KEEP=file` writes it"):
        places.read_digest(content)


async def test_a_digest_reads_as_it_was_written(world: WalletWorld) -> None:
    place = await verified(world)
    read = places.read_digest(places.write_digest(place))
    KEY.verify(read)
    assert places.write_digest(read) == places.write_digest(place)
    assert len(places.write_digest(read)) < places.DIGEST_BYTES_MAX


class Row:
    def __init__(self, place: int, verified_count: int, entry_count: int) -> None:
        self.id, self.verified_count, self.entry_count = number(place), verified_count, entry_count


def test_chains_are_followed_in_portions_of_as_many_entries_as_are_read_at_once() -> None:
    accounts = [Row(1, 0, 2), Row(2, 5, 5), Row(3, 1, 12), Row(4, 9, 3)]
    parts = [[tuple(part) for part in portions] for portions in _portions(accounts, 5)]  # type: ignore[arg-type]
    assert parts == [
        [(number(1), 0, BEYOND), (number(2), 5, BEYOND), (number(3), 1, 4)],
        [(number(3), 4, 9)],
        [(number(3), 9, BEYOND), (number(4), 9, BEYOND)],
    ]


def test_the_key_s_name_is_its_public_half() -> None:
    assert len(bytes.fromhex(KEY.name)) == 32
    assert KEY.name != OTHER_KEY.name
    assert BooksKey(BOOKS_SECRET).name == KEY.name
