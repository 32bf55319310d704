"""A payment that is late with the old amount pays a part: fine and interest first. The rest stays open."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.wallet import models
from subgraphs.wallet.domain import books
from subgraphs.wallet.domain.amount_due import amount_due
from subgraphs.wallet.schemas import events, heard
from tests.subgraphs.wallet.quota_swaps import lent, refusals, wanted
from tests.subgraphs.wallet.test_charges import create_charge, pay_installment
from tests.subgraphs.wallet.wallet_world import SERGIO, WalletWorld, installment_distributed, payout

LAW = ("0.02", "0.01")
"""Of what is open once, and by the month."""


def on(day: str) -> datetime:
    """Noon of a day in Brasília."""
    return datetime.fromisoformat(f"{day}T15:00:00").replace(tzinfo=UTC)


async def boleto_of(world: WalletWorld) -> tuple[uuid.UUID, str]:
    """An installment of R$ 945.60, due on 2026-12-23, and the txid of a boleto made a month before."""
    await world.open_wallets(SERGIO)
    (installment,) = await world.activate(945_60, rates=LAW)
    charge = await create_charge(world, installment, key="charge-0001", method="BOLETO")
    assert charge["amount"] == {"amount": "945.60"}
    return installment, charge["boleto"]["txid"]


async def arrive(world: WalletWorld, txid: str, amount_minor: int, day: str) -> models.GatewayPayment:
    world.clock.instant = max(world.clock.instant, on(day))
    return await world.arrive(txid, amount_minor, method=models.ChargeMethod.BOLETO, paid_at=on(day))


async def confirmed(world: WalletWorld) -> list[dict[str, Any]]:
    shown = {"number", "amount_minor", "settled_before_minor", "late_days", "late_minor", "late_left_minor"}
    return [fact.model_dump(include=shown) for fact in await world.published(events.PaymentConfirmed)]


async def test_a_boleto_paid_in_the_days_after_its_due_date_owes_fine_and_interest(world: WalletWorld) -> None:
    installment, txid = await boleto_of(world)
    payment = await arrive(world, txid, 945_60, "2026-12-25")
    assert payment.note == "less than was owed that day: R$ 19,54 are left"
    # A fine of 18.91 and two days' interest of 0.63, paid before the installment.
    first = {"number": 1, "amount_minor": 945_60, "settled_before_minor": 0, "late_days": 2, "late_minor": 19_54}
    assert await confirmed(world) == [first | {"late_left_minor": 0}]
    rest = await create_charge(world, installment, key="charge-0002")
    assert rest["amount"] == {"amount": "19.54"}
    await world.arrive(rest["pix"]["txid"], 19_54)
    assert (await confirmed(world))[1] == {
        "number": 2,
        "amount_minor": 19_54,
        "settled_before_minor": 926_06,
        "late_days": 2,
        "late_minor": 0,
        "late_left_minor": 0,
    }
    assert (await create_charge(world, installment, key="charge-0003"))["__typename"] == "InstallmentAlreadyPaid"


async def test_nothing_is_owed_for_the_due_date_itself_however_late_we_are_told(world: WalletWorld) -> None:
    installment, txid = await boleto_of(world)
    world.clock.instant = on("2026-12-28")
    await world.arrive(
        txid, 945_60, method=models.ChargeMethod.BOLETO, paid_at=datetime(2026, 12, 24, 2, 59, tzinfo=UTC)
    )
    assert [fact["late_minor"] for fact in await confirmed(world)] == [0]
    assert (await create_charge(world, installment, key="charge-0002"))["__typename"] == "InstallmentAlreadyPaid"


async def test_interest_goes_on_for_the_rest_and_there_is_no_second_fine(world: WalletWorld) -> None:
    installment, txid = await boleto_of(world)
    await arrive(world, txid, 945_60, "2026-12-25")
    world.clock.instant = on("2027-01-24")
    # 19.54 for thirty days at one percent a month.
    assert (await create_charge(world, installment, key="charge-0002"))["amount"] == {"amount": "19.74"}


async def test_the_rest_is_paid_from_the_wallet(world: WalletWorld) -> None:
    installment, txid = await boleto_of(world)
    await arrive(world, txid, 945_60, "2026-12-25")
    await world.deposit(SERGIO, 20_00)
    assert (await pay_installment(world, installment, key="payment-0001"))["amount"] == {"amount": "19.54"}
    assert await world.balances(SERGIO) == (46, 0, 0)
    rows = await world.rows("SELECT number, settled_minor, pays FROM installment_payments ORDER BY number")
    assert rows == [(1, 926_06, False), (2, 945_60, True)]


async def test_what_is_more_than_the_rest_is_the_farmer_s(world: WalletWorld, owner: asyncpg.Connection) -> None:
    # Where the rule on boletos that are paid twice lets it be.
    await owner.execute("INSERT INTO parameters VALUES ('boletos_paid_twice', '2020-02-02', 0, 'for a test')")
    _, txid = await boleto_of(world)
    await arrive(world, txid, 945_60, "2026-12-25")
    await arrive(world, txid, 945_60, "2026-12-25")
    assert len(await confirmed(world)) == 1
    assert await world.balances(SERGIO) == (945_60, 0, 0)


async def test_a_payment_reported_after_a_later_one_is_charged_no_days_twice(world: WalletWorld) -> None:
    """The earlier one arrives last: what is left is paid as of the later day, without new interest."""
    installment, txid = await boleto_of(world)
    world.clock.instant = on("2026-12-26")
    late = await create_charge(world, installment, key="charge-0002")
    assert late["amount"] == {"amount": "965.46"}
    await arrive(world, txid, 945_60, "2026-12-26")
    world.clock.instant = on("2026-12-26")
    rest = await create_charge(world, installment, key="charge-0003")
    assert rest["amount"] == {"amount": "19.86"}
    await world.arrive(rest["pix"]["txid"], 19_86, paid_at=on("2026-12-24"))
    assert [(fact["late_days"], fact["late_minor"]) for fact in await confirmed(world)] == [(3, 19_86), (3, 0)]
    assert await world.scalar("SELECT pays FROM installment_payments WHERE number = 2") is True


async def test_each_part_is_paid_out_and_the_books_stay_clean(world: WalletWorld) -> None:
    installment, txid = await boleto_of(world)
    await world.open_wallets(SERGIO)
    await arrive(world, txid, 945_60, "2026-12-25")
    rest = await create_charge(world, installment, key="charge-0002")
    await world.arrive(rest["pix"]["txid"], 19_54)
    for place, fact in enumerate(await world.published(events.PaymentConfirmed)):
        order = payout(place, SERGIO, net_minor=fact.amount_minor)
        told = installment_distributed(fact.payment_id, installment, [order], total_minor=fact.amount_minor)
        await world.tell(told.model_copy(update={"distribution_id": uuid.uuid4()}))
    assert await world.balances(SERGIO) == (965_14, 0, 0)
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()


async def test_after_a_part_nobody_buys_what_it_paid(world: WalletWorld) -> None:
    installment, *_ = await lent(world)
    await world.tell(
        heard.InstallmentLate(installment_id=installment, cpr_id=wanted().cpr_id, fine_rate="0.02", monthly_rate="0.01")
    )
    charge = await create_charge(world, installment, key="charge-0001")
    await world.arrive(charge["pix"]["txid"], 600_00, paid_at=on("2026-12-25"))
    await world.tell(wanted(received_payments=0))
    assert await refusals(world) == ["INSTALLMENT_PAID_MEANWHILE"]
    await world.tell(wanted(purchase_id=uuid.uuid4(), received_payments=1))
    assert len(await world.published(events.QuotasSwapped)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 3},
        {"settled_minor": 945_59},
        {"settled_minor": 945_61, "amount_minor": 19_55},
        {"late_days": 1},
        {"late_due_minor": 1},
        {"pays": False},
    ],
)
async def test_the_database_takes_no_payment_that_does_not_follow(world: WalletWorld, wrong: dict[str, Any]) -> None:
    """The second payment, of the rest of 19.54, made wrong in one way."""
    _, txid = await boleto_of(world)
    await arrive(world, txid, 945_60, "2026-12-25")
    right = {
        "number": 2, "amount_minor": 19_54, "late_days": 2, "late_due_minor": 0, "late_minor": 0,
        "settled_minor": 945_60, "pays": True,
    }  # fmt: skip
    values = ", ".join(f"{value} AS {name}" for name, value in (right | wrong).items())
    statement = f"""
        INSERT INTO installment_payments (id, installment_id, clearing_id, method, confirmed_at, swaps_before,
            {", ".join(right)})
        SELECT gen_random_uuid(), installment_id, (SELECT id FROM ledger_accounts WHERE code = 'suspense'), method,
            confirmed_at, swaps_before, {", ".join(f"given.{name}" for name in right)}
        FROM installment_payments, (SELECT {values}) AS given"""  # noqa: S608  # of this test alone
    with pytest.raises(DBAPIError, match=r"does not follow|late_first"):
        async with world.begin() as session:
            await session.execute(text(statement))
    assert await world.scalar("SELECT count(*) FROM installment_payments") == 1


PAYMENTS = st.lists(st.tuples(st.integers(1, 400), st.fractions(0, 1)), max_size=8)


@given(amount_minor=st.integers(1, 10**9), payments=PAYMENTS)
def test_parts_sum_to_the_installment_and_its_charges_to_the_cent(
    amount_minor: int, payments: list[tuple[int, Any]]
) -> None:
    """Days pass, a part of what is owed is paid each time, and at last all of it."""
    due_on = date(2026, 12, 23)
    installment = models.Installment(
        amount_minor=amount_minor, due_on=due_on, late_fine_rate=Decimal("0.02"), late_monthly_rate=Decimal("0.01")
    )
    last: models.InstallmentPayment | None = None
    day, paid_minor, late_minor, charged_minor, left_minor = due_on.toordinal() - 30, 0, 0, 0, 0
    for days, part in [*payments, (1, 1)]:
        day += days
        due = amount_due(installment, last, on=date.fromordinal(day))
        charged_minor += due.late.total_minor - left_minor
        paying = max(int(due.total_minor * part), 1)
        to_lateness = due.late_part(paying)
        last = models.InstallmentPayment(
            late_days=max(due.late.days_late, last.late_days if last else 0),
            late_due_minor=due.late.total_minor,
            late_minor=to_lateness,
            settled_minor=(last.settled_minor if last else 0) + paying - to_lateness,
        )
        paid_minor, late_minor, left_minor = paid_minor + paying, late_minor + to_lateness, last.late_left_minor
        assert 0 <= last.settled_minor <= amount_minor
        if paying == due.total_minor:
            break
    assert (last.settled_minor, left_minor) == (amount_minor, 0)  # type: ignore[union-attr]  # there is one at least
    assert (paid_minor, late_minor) == (amount_minor + charged_minor, charged_minor)
