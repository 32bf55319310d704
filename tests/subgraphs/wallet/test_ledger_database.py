"""What the database itself refuses, whoever writes to it."""

import uuid
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from subgraphs.wallet.domain import chart, ledger
from subgraphs.wallet.models import TransferKind
from tests.subgraphs.wallet.staff_pairs import undone
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, NINE_O_CLOCK, WalletWorld, number

AVAILABLE = chart.available(MARINA).id
TABLES = ("ledger_accounts", "ledger_transfers", "ledger_entries")


async def execute(world: WalletWorld, *statements: tuple[str, dict[str, Any]]) -> None:
    """Run raw SQL as the service's role, in one transaction."""
    async with world.begin() as session:
        for sql, values in statements:
            await session.execute(text(sql), values)


def a_transfer(transfer_id: uuid.UUID, *, kind: str = "DEPOSIT", cause: uuid.UUID | None = None) -> Any:
    return (
        (
            "INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at) "
            "VALUES (:id, :kind, :cause, :cause, :at)"
        ),
        {"id": transfer_id, "kind": kind, "cause": cause or transfer_id, "at": NINE_O_CLOCK},
    )


def an_entry(transfer_id: uuid.UUID, account_id: uuid.UUID, side: str, amount_minor: int) -> Any:
    return (
        (
            "INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor) "
            "VALUES (:id, :transfer, :account, :side, :amount)"
        ),
        {
            "id": uuid.uuid4(),
            "transfer": transfer_id,
            "account": account_id,
            "side": side,
            "amount": amount_minor,
        },
    )


A_CHARGE = """
    INSERT INTO charges (id, txid, purpose, method, payer_id, amount_minor, status, created_at, expires_at, is_early)
    VALUES (:id, :txid, 'DEPOSIT', 'PIX', :who, :amount, 'OPEN', :at, :at, false)
"""
A_PAYMENT = """
    INSERT INTO gateway_payments (id, end_to_end_id, txid, method, charge_id, amount_minor, paid_at, received_at,
        outcome, note, settles_on)
    VALUES (:id, :txid, :txid, 'PIX', :id, :amount, :at, :at, 'CREDITED', '', '2026-11-23')
"""


def a_deposit(transfer_id: uuid.UUID) -> list[Any]:
    """The statements of a deposit of Marina's of a real, without its entries."""
    cause = uuid.uuid4()
    values = {"id": cause, "txid": cause.hex, "who": MARINA, "amount": 100, "at": NINE_O_CLOCK}
    return [(A_CHARGE, values), (A_PAYMENT, values), a_transfer(transfer_id, cause=cause)]


async def entry_count(world: WalletWorld) -> int:
    count: int = await world.scalar("SELECT count(*) FROM ledger_entries")
    return count


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_the_service_has_no_right_to_change_a_fact(world: WalletWorld, table: str, verb: str) -> None:
    await world.person_with(MARINA, 100_00)
    with pytest.raises(ProgrammingError, match="permission denied"):
        await execute(world, (verb.format(table), {}))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_not_even_the_owner_of_the_tables_changes_a_fact(
    world: WalletWorld, owner: asyncpg.Connection, table: str, verb: str
) -> None:
    await world.person_with(MARINA, 100_00)
    with pytest.raises(asyncpg.RestrictViolationError, match="the ledger is never changed"):
        await owner.execute(verb.format(table))
    assert await entry_count(world) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_balances SET balance_minor = 1000000",
        "DELETE FROM ledger_balances",
        "TRUNCATE ledger_balances",
        "INSERT INTO ledger_balances SELECT gen_random_uuid(), 1, true, 0, ''",
    ],
)
async def test_the_service_has_no_right_to_write_a_balance(world: WalletWorld, statement: str) -> None:
    await world.open_wallets(MARINA)
    with pytest.raises(ProgrammingError, match="permission denied"):
        await execute(world, (statement, {}))


async def test_a_transfer_that_does_not_balance_is_not_committed(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    with pytest.raises(DBAPIError, match="does not balance: 2 entries, debits minus credits 1"):
        await execute(
            world,
            a_transfer(number(1)),
            an_entry(number(1), chart.GATEWAY, "DEBIT", 101),
            an_entry(number(1), AVAILABLE, "CREDIT", 100),
        )
    assert await entry_count(world) == 0
    assert await world.scalar("SELECT sum(balance_minor) FROM ledger_balances") == 0


async def test_a_transfer_without_entries_is_not_committed(world: WalletWorld) -> None:
    with pytest.raises(DBAPIError, match="does not balance: 0 entries"):
        await execute(world, a_transfer(number(1)))


async def test_checking_early_does_not_open_a_way_around_the_balance(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    with pytest.raises(DBAPIError, match="does not balance: 3 entries, debits minus credits -5"):
        await execute(
            world,
            *a_deposit(number(1)),
            an_entry(number(1), chart.GATEWAY, "DEBIT", 100),
            an_entry(number(1), AVAILABLE, "CREDIT", 100),
            ("SET CONSTRAINTS ALL IMMEDIATE", {}),
            an_entry(number(1), AVAILABLE, "CREDIT", 5),
        )


async def test_checking_early_does_not_open_a_way_around_the_cause(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    with pytest.raises(DBAPIError, match=r"\(DEPOSIT\) moves something else than its cause says"):
        await execute(
            world,
            *a_deposit(number(1)),
            an_entry(number(1), chart.GATEWAY, "DEBIT", 100),
            an_entry(number(1), AVAILABLE, "CREDIT", 100),
            ("SET CONSTRAINTS ALL IMMEDIATE", {}),
            ("SET CONSTRAINTS ALL DEFERRED", {}),
            an_entry(number(1), chart.GATEWAY, "DEBIT", 5),
            an_entry(number(1), AVAILABLE, "CREDIT", 5),
        )


FEIGNED_DEBIT = """
    INSERT INTO ledger_entries
    SELECT gen_random_uuid(), transfer_id, account_id, 'DEBIT', amount_minor FROM public.ledger_entries
"""


async def test_a_table_of_the_session_does_not_stand_in_for_the_wallets(world: WalletWorld) -> None:
    """What is not ours and comes first by its name: the rules ask the wallet's tables all the same."""
    await world.open_wallets(MARINA)
    with pytest.raises(DBAPIError, match="does not balance: 1 entries"):
        await execute(
            world,
            *a_deposit(number(1)),
            an_entry(number(1), AVAILABLE, "CREDIT", 100),
            ("CREATE TEMP TABLE ledger_entries AS SELECT * FROM public.ledger_entries", {}),
            (FEIGNED_DEBIT, {}),
        )


async def test_a_transfer_is_closed_with_its_transaction(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    (transfer_id,) = await world.rows("SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT'")
    with pytest.raises(DBAPIError, match="is closed: entries belong to the transaction that made it"):
        await execute(
            world,
            an_entry(transfer_id.id, chart.GATEWAY, "DEBIT", 100),
            an_entry(transfer_id.id, AVAILABLE, "CREDIT", 100),
        )


async def test_a_transfer_cannot_pretend_to_be_of_another_transaction(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    *cause, (_, values) = a_deposit(number(1))
    statement = (
        (
            "INSERT INTO ledger_transfers (id, kind, cause_id, reference_id, occurred_at, transaction_id) "
            "VALUES (:id, :kind, :cause, :cause, :at, 1)"
        ),
        values,
    )
    await execute(
        world,
        *cause,
        statement,
        an_entry(number(1), chart.GATEWAY, "DEBIT", 100),
        an_entry(number(1), AVAILABLE, "CREDIT", 100),
    )
    assert await world.scalar("SELECT transaction_id FROM ledger_transfers") > 1


async def test_available_money_never_goes_below_zero(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    with pytest.raises(IntegrityError, match="ck_ledger_balances_not_below_zero"):
        await execute(
            world,
            a_transfer(number(1), kind="WITHDRAWAL"),
            an_entry(number(1), AVAILABLE, "DEBIT", 100_01),
            an_entry(number(1), chart.processing(MARINA).id, "CREDIT", 100_01),
        )
    assert (
        await world.scalar("SELECT balance_minor FROM ledger_balances WHERE account_id = :id", id=AVAILABLE) == 100_00
    )


@pytest.mark.parametrize("amount", [0, -100])
async def test_an_entry_is_of_more_than_nothing(world: WalletWorld, amount: int) -> None:
    await world.person_with(MARINA, 100_00)
    with pytest.raises(IntegrityError, match="ck_ledger_entries_amount_positive"):
        await execute(
            world,
            a_transfer(number(1)),
            an_entry(number(1), chart.GATEWAY, "DEBIT", amount),
            an_entry(number(1), AVAILABLE, "CREDIT", amount),
        )


async def test_one_cause_moves_money_of_one_kind_once(world: WalletWorld) -> None:
    await world.open_wallets(MARINA)
    payment = await world.deposit(MARINA, 100)
    again = ledger.move(100, debit=chart.GATEWAY, credit=AVAILABLE, kind=TransferKind.DEPOSIT, cause_id=payment.id)
    with pytest.raises(IntegrityError, match="uq_ledger_transfers_kind_cause_id"):
        async with world.begin() as session:
            await ledger.post(session, again, now=NINE_O_CLOCK)
    assert await entry_count(world) == 4


async def test_a_transfer_is_reversed_once(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    (deposit,) = await world.rows("SELECT id FROM ledger_transfers WHERE kind = 'DEPOSIT'")

    async with world.begin() as session:
        await undone(session, deposit.id, now=NINE_O_CLOCK)
    again = ledger.Transfer(
        kind=TransferKind.REVERSAL,
        cause_id=number(2),
        reference_id=deposit.id,
        reverses_id=deposit.id,
        legs=(*ledger.debit(AVAILABLE, 100_00), *ledger.credit(chart.GATEWAY, 100_00)),
    )
    await world.deposit(MARINA, 100_00)
    with pytest.raises(IntegrityError, match="uq_ledger_transfers_reverses_id"):
        async with world.begin() as session:
            await ledger.post(session, again, now=NINE_O_CLOCK)


async def test_people_s_accounts_can_never_owe(world: WalletWorld) -> None:
    with pytest.raises(IntegrityError, match="ck_ledger_accounts_people_never_owe"):
        await execute(
            world,
            (
                (
                    "INSERT INTO ledger_accounts (id, code, kind, normal_side, may_go_negative, owner_id) "
                    "VALUES (:id, 'available:x', 'AVAILABLE', 'CREDIT', true, :id)"
                ),
                {"id": number(1)},
            ),
        )


async def test_what_the_writer_claims_of_balance_and_chain_is_overwritten(world: WalletWorld) -> None:
    await world.person_with(MARINA, 100_00)
    forged = (
        (
            "INSERT INTO ledger_entries (id, transfer_id, account_id, side, amount_minor, sequence, "
            "balance_after_minor, previous_hash, hash) VALUES (:id, :t, :a, 'CREDIT', 100, 77, 77, 'x', 'x')"
        ),
        {"id": uuid.uuid4(), "t": number(1), "a": AVAILABLE},
    )
    await execute(world, *a_deposit(number(1)), an_entry(number(1), chart.GATEWAY, "DEBIT", 100), forged)
    rows = await world.rows(
        "SELECT sequence, balance_after_minor, octet_length(hash) FROM ledger_entries "
        "WHERE account_id = :id ORDER BY sequence",
        id=AVAILABLE,
    )
    assert [tuple(row) for row in rows] == [(1, 100_00, 32), (2, 101_00, 32)]


def test_code_refuses_an_unbalanced_transfer_before_the_database_does() -> None:
    with pytest.raises(ValueError, match="does not balance"):
        ledger.Transfer(
            kind=TransferKind.DEPOSIT,
            cause_id=number(1),
            reference_id=number(1),
            legs=(*ledger.debit(chart.GATEWAY, 100), *ledger.credit(AVAILABLE, 99)),
        )


async def test_a_hold_that_has_ended_stays_as_it_ended(world: WalletWorld, owner: asyncpg.Connection) -> None:
    await world.person_with(MARINA, 100_00)
    await world.request_investment(MARINA, 100_00, investment=number(0x101))
    await tamper(owner, "holds", "UPDATE holds SET status = 'RELEASED', ended_at = now()")
    with pytest.raises(asyncpg.RestrictViolationError, match="has ended as RELEASED"):
        await owner.execute("UPDATE holds SET status = 'ACTIVE', ended_at = NULL")


async def test_opening_a_wallet_twice_opens_it_once(world: WalletWorld) -> None:
    await world.open_wallets(MARINA, CARLOS, MARINA)
    assert await world.scalar("SELECT count(*) FROM wallets") == 2
    assert await world.scalar("SELECT count(*) FROM ledger_accounts WHERE owner_id IS NOT NULL") == 6
