"""A renegotiated schedule takes the old one's place in the wallet: what was paid stays, and nothing old is paid."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.wallet.domain import books
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.schedules import AGREED, agreed_schedule, new_installment
from tests.subgraphs.wallet.test_charges import create_charge, pay_installment
from tests.subgraphs.wallet.test_early_payments import FIRST, SECOND, SETTLE, THIRD, TODAY, schedule
from tests.subgraphs.wallet.wallet_world import CPR, SERGIO, WalletWorld, number

PRINCIPAL = 745_60 + 760_51 + 775_72
NEW = ((PRINCIPAL - 1_000_00, 60_00, 40_00), (1_000_00, 50_00, 40_00))
"""Two installments, each of which carries 40.00 of what was owed before."""
LATE = datetime(2027, 1, 9, 15, tzinfo=UTC)


async def owed(world: WalletWorld, *, on: datetime = LATE) -> None:
    """Three installments of Sérgio's, the first of which is seventeen days late."""
    await world.open_wallets(SERGIO)
    await world.tell(schedule())
    world.clock.instant = on


async def answers(world: WalletWorld) -> tuple[int, list[str]]:
    """How often a schedule was replaced, and why it was not."""
    replaced = await world.published(events.ScheduleReplaced)
    return len(replaced), [fact.reason for fact in await world.published(events.ScheduleKept)]


async def today(world: WalletWorld, typename: str, key: uuid.UUID) -> Any:
    data = await world.get(TODAY, SERGIO, "farmer", r=[{"__typename": typename, "id": str(key)}])
    (found,) = data["_entities"]
    return found


async def test_the_new_installments_are_what_is_owed(world: WalletWorld) -> None:
    await owed(world)
    await world.tell(agreed_schedule(*NEW))
    assert await answers(world) == (1, [])
    assert (await today(world, "Installment", FIRST))["dueToday"] is None
    settlement = (await today(world, "CPR", CPR))["earlySettlement"]
    assert [line["number"] for line in settlement["lines"]] == [13, 14]
    # On the day that it begins nothing of the new interest has accrued; what is carried has.
    assert settlement["total"] == {"amount": f"{(PRINCIPAL + 80_00) / 100:.2f}"}
    for old in (FIRST, SECOND, THIRD):
        refused = await create_charge(world, old, key=f"charge-{old.hex[-4:]}")
        assert refused["__typename"] == "InstallmentNotOwed"
    await world.deposit(SERGIO, 2_000_00)
    paid = await pay_installment(world, new_installment(1), key="payment-0001")
    assert paid["__typename"] == "InstallmentPayment"
    (confirmed,) = await world.published(events.PaymentConfirmed)
    assert (confirmed.installment_id, confirmed.number) == (new_installment(1), 1)


async def test_told_again_or_at_once_it_is_replaced_once(world: WalletWorld) -> None:
    await owed(world)
    told = agreed_schedule(*NEW)
    await asyncio.gather(*(world.tell(told) for _ in range(3)))
    assert await answers(world) == (1, [])
    assert await world.scalar("SELECT count(*) FROM installments") == 5


async def test_what_is_carried_is_never_taken_off(world: WalletWorld) -> None:
    """One installment alone costs its present value, of what is to come: the 40.00 it carries are owed already."""
    await owed(world)
    await world.tell(agreed_schedule(*NEW))
    due = (await today(world, "Installment", new_installment(0)))["dueToday"]
    to_come = NEW[0][0] + NEW[0][1] - 40_00
    reduction = to_come - round(to_come / 1.01)
    assert due["reduction"] == {"amount": f"{min(reduction, 20_00) / 100:.2f}"}
    await world.deposit(SERGIO, 3_000_00)
    settled = (await world.get(SETTLE, SERGIO, "farmer", id=str(CPR), key="settle-01"))["settleCPR"]
    assert settled["reduction"] == {"amount": "30.00"}


async def test_a_payment_that_the_agreement_does_not_know_of_keeps_the_old_schedule(world: WalletWorld) -> None:
    await owed(world)
    await world.deposit(SERGIO, 1_000_00)
    await pay_installment(world, FIRST, key="payment-0001")
    await world.tell(agreed_schedule(*NEW))
    assert await answers(world) == (0, ["PAID_MEANWHILE"])
    assert (await today(world, "Installment", SECOND))["dueToday"] is not None
    # Decided is decided: neither the same agreement again nor one that knows of the payment changes it.
    await world.tell(agreed_schedule(*NEW, payment_count=1))
    assert await answers(world) == (0, ["PAID_MEANWHILE"])


async def test_an_agreement_that_comes_too_late_is_none(world: WalletWorld) -> None:
    await owed(world, on=datetime(2027, 2, 9, 3, tzinfo=UTC))
    await world.tell(agreed_schedule(*NEW))
    assert await answers(world) == (0, ["TIMED_OUT"])


async def test_a_schedule_that_is_not_known_yet_is_waited_for(world: WalletWorld) -> None:
    await world.open_wallets(SERGIO)
    with pytest.raises(NotYet):
        await world.tell(agreed_schedule(*NEW))
    assert await answers(world) == (0, [])


async def test_what_was_paid_before_stays_paid(world: WalletWorld) -> None:
    await owed(world)
    await world.deposit(SERGIO, 1_000_00)
    await pay_installment(world, FIRST, key="payment-0001")
    rest = 760_51 + 775_72
    await world.tell(agreed_schedule((rest, 50_00, 10_00), payment_count=1))
    assert await answers(world) == (1, [])
    rows = await world.rows("SELECT id, replaced_by FROM installments ORDER BY number")
    assert [(row[0], row[1]) for row in rows] == [
        (FIRST, None), (SECOND, AGREED), (THIRD, AGREED), (new_installment(0), None),
    ]  # fmt: skip


async def test_a_code_of_the_old_schedule_that_is_paid_all_the_same_is_the_farmer_s_money(world: WalletWorld) -> None:
    await owed(world)
    charge = await create_charge(world, FIRST, key="charge-0001", method="BOLETO")
    await world.tell(agreed_schedule(*NEW))
    assert [fact.txid for fact in await world.published(events.ChargeCancelled)] == [charge["boleto"]["txid"]]
    amount = round(float(charge["amount"]["amount"]) * 100)
    payment = await world.arrive(charge["boleto"]["txid"], amount)
    assert payment.outcome.value == "SURPLUS"
    assert await world.balances(SERGIO) == (amount, 0, 0)
    assert await world.published(events.PaymentConfirmed) == []


async def test_the_books_stay_clean(world: WalletWorld) -> None:
    await owed(world)
    await world.tell(agreed_schedule(*NEW))
    await world.deposit(SERGIO, 3_000_00)
    await pay_installment(world, new_installment(0), key="payment-0001")
    found = await books.check_books(world.subgraph.database, now=world.clock.now())
    assert [problem for problem in found.problems if "renegotiation" in problem or "replaced" in problem] == []


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([(PRINCIPAL - 1, 60_00, 0)], "of principal for"),
        ([(PRINCIPAL + 1, 60_00, 0)], "of principal for"),
        ([(PRINCIPAL, 60_00, 60_01)], "carried_of_interest"),
    ],
)
async def test_the_database_takes_no_schedule_of_another_debt(
    world: WalletWorld, lines: list[tuple[int, int, int]], says: str
) -> None:
    await owed(world)
    with pytest.raises(DBAPIError, match=says):
        await world.tell(agreed_schedule(*lines))
    assert await world.scalar("SELECT count(*) FROM schedule_replacements") == 0
    assert await world.scalar("SELECT count(*) FROM installments WHERE replaced_by IS NOT NULL") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE installments SET replaced_by = NULL WHERE replaced_by IS NOT NULL",
        "UPDATE installments SET replaced_by = brought_by WHERE number = 13",
        "UPDATE installments SET replaced_by = (SELECT renegotiation_id FROM schedule_replacements) WHERE number = 2",
        "UPDATE installments SET carried_minor = 0 WHERE brought_by IS NOT NULL",
        "UPDATE schedule_replacements SET reason = 'TIMED_OUT'",
        "DELETE FROM schedule_replacements",
        "TRUNCATE schedule_replacements CASCADE",
        "INSERT INTO schedule_replacements SELECT gen_random_uuid(), cpr_id, NULL, now() FROM schedule_replacements",
    ],
)
async def test_what_was_replaced_stays_replaced(world: WalletWorld, statement: str) -> None:
    await owed(world)
    other = schedule().model_copy(update={"cpr_id": number(0xC1)})
    lines = tuple(line.model_copy(update={"installment_id": uuid.uuid4()}) for line in other.installments)
    await world.tell(other.model_copy(update={"installments": lines}))
    await world.tell(agreed_schedule(*NEW))
    with pytest.raises(DBAPIError):
        async with world.begin() as session:
            await session.execute(text(statement))


async def test_the_database_takes_no_payment_of_what_was_replaced(world: WalletWorld) -> None:
    await owed(world)
    await world.tell(agreed_schedule(*NEW))
    statement = f"""
        INSERT INTO installment_payments (id, installment_id, number, clearing_id, amount_minor, method, confirmed_at,
            swaps_before, late_days, late_due_minor, late_minor, reduction_minor, settled_minor, pays)
        VALUES (gen_random_uuid(), '{FIRST}', 1, (SELECT id FROM ledger_accounts WHERE code = 'suspense'), 10, 'PIX',
            now(), 0, 0, 0, 0, 0, 10, false)"""  # noqa: S608  # of this test alone
    with pytest.raises(DBAPIError, match="does not follow"):
        async with world.begin() as session:
            await session.execute(text(statement))
