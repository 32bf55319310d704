"""Who pays before the due date pays less (CDC, art. 52 § 2): shown before, to the cent, for one and for all."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.money import round_half_up
from subgraphs.wallet import models
from subgraphs.wallet.domain import books
from subgraphs.wallet.domain.amount_due import Early, amount_due
from subgraphs.wallet.domain.early_payment import reduction_alone, reduction_of_all, reduction_of_part
from subgraphs.wallet.schemas import events, heard
from tests.subgraphs.wallet.wallet_world import CARLOS, CPR, SERGIO, WalletWorld, number

PRICE = (
    # Of R$ 10,000 at 2 % a month: principal and interest of the first three of twelve.
    (745_60, 200_00),
    (760_51, 185_09),
    (775_72, 169_88),
)
DUE = (date(2026, 11, 23), date(2026, 12, 23), date(2027, 1, 25), date(2027, 2, 23))
FIRST, SECOND, THIRD = (number(0x1A0 + place) for place in range(3))
TODAY = """query($r: [_Any!]!) { _entities(representations: $r) {
  ... on Installment { dueToday {
    total { amount } outstanding { amount } lateCharges { amount } reduction { amount } } }
  ... on CPR { earlySettlement {
    total { amount } outstanding { amount } lateCharges { amount } reduction { amount }
    lines { number due { total { amount } reduction { amount } } } } } } }"""
PAY = """mutation($id: ID!, $key: String!) { payInstallment(input: {installmentId: $id, idempotencyKey: $key}) {
  __typename ... on InstallmentPayment { amount { amount } reduction { amount } } } }"""
CHARGE = """mutation($id: ID!, $early: Boolean!, $key: String!) {
  createCharge(input: {installmentId: $id, method: PIX, early: $early, idempotencyKey: $key}) {
    __typename ... on Charge { id early amount { amount } expiresAt pix { txid } } } }"""
SETTLE = """mutation($id: ID!, $key: String!) { settleCPR(input: {cprId: $id, idempotencyKey: $key}) {
  __typename
  ... on CPRSettlement { amount { amount } reduction { amount } payments { amount { amount } installment { id } } }
  ... on InsufficientFunds { requested { amount } }
  ... on NothingOwed { cprId message } } }"""


def schedule(**changes: Any) -> heard.CPRActivated:
    lines = [
        {
            "installment_id": installment,
            "number": place + 1,
            "due_on": DUE[place + 1],
            "starts_on": DUE[place],
            "months": 1,
            "amount_minor": principal + interest,
            "interest_minor": interest,
        }
        for place, (installment, (principal, interest)) in enumerate(zip((FIRST, SECOND, THIRD), PRICE, strict=True))
    ]
    terms = {"late_fine_rate": "0.02", "late_monthly_rate": "0.01", "monthly_rate": "0.02"}
    return heard.CPRActivated.model_validate(
        {"cpr_id": CPR, "farmer_id": SERGIO, "installments": lines} | terms | changes
    )


async def owing(world: WalletWorld, *, day: date = date(2026, 12, 8), has_minor: int = 3_000_00) -> None:
    """Sérgio owes three installments and has some money; it is noon of a day, half of the first month being over."""
    await (world.person_with(SERGIO, has_minor) if has_minor else world.open_wallets(SERGIO))
    await world.tell(schedule())
    world.clock.instant = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


async def due_today(world: WalletWorld, typename: str, id_: uuid.UUID, user: uuid.UUID = SERGIO) -> Any:
    data = await world.get(TODAY, user, "farmer", r=[{"__typename": typename, "id": str(id_)}])
    (found,) = data["_entities"][0].values()
    return found


def amounts(said: dict[str, Any]) -> dict[str, str]:
    return {name: value["amount"] for name, value in said.items() if name != "lines"}


async def confirmed(world: WalletWorld) -> list[tuple[uuid.UUID, int, int]]:
    facts = await world.published(events.PaymentConfirmed)
    return [(fact.installment_id, fact.amount_minor, fact.reduction_minor) for fact in facts]


async def test_an_installment_paid_half_a_month_early_costs_its_present_value(world: WalletWorld) -> None:
    await owing(world)
    said = await due_today(world, "Installment", FIRST)
    # 945.60 / 1.02 ^ 0.5
    assert amounts(said) == {"total": "936.28", "outstanding": "945.60", "lateCharges": "0.00", "reduction": "9.32"}
    paid = (await world.get(PAY, SERGIO, "farmer", id=str(FIRST), key="payment-0001"))["payInstallment"]
    assert paid == {
        "__typename": "InstallmentPayment",
        "amount": {"amount": "936.28"},
        "reduction": {"amount": "9.32"},
    }
    assert await confirmed(world) == [(FIRST, 936_28, 9_32)]
    assert await world.balances(SERGIO) == (2_063_72, 0, 0)
    assert await due_today(world, "Installment", FIRST) is None


@pytest.mark.parametrize(
    ("day", "installment", "total", "late", "reduction"),
    [
        (date(2026, 12, 23), FIRST, "945.60", "0.00", "0.00"),
        (date(2026, 12, 25), FIRST, "965.14", "19.54", "0.00"),
        (date(2026, 12, 22), FIRST, "944.98", "0.00", "0.62"),
        # The third, one month and 48 days before: 945.60 / 1.02 ^ 2.6.
        (date(2026, 12, 8), THIRD, "898.15", "0.00", "47.45"),
    ],
)
async def test_what_is_owed_today_goes_down_before_and_up_after_the_due_date(
    world: WalletWorld, day: date, installment: uuid.UUID, *, total: str, late: str, reduction: str
) -> None:
    await owing(world, day=day)
    said = amounts(await due_today(world, "Installment", installment))
    assert (said["total"], said["lateCharges"], said["reduction"]) == (total, late, reduction)


async def test_only_the_farmer_sees_what_paying_early_costs(world: WalletWorld) -> None:
    await owing(world)
    await world.open_wallets(CARLOS)
    assert await due_today(world, "Installment", FIRST, user=CARLOS) is None
    assert await due_today(world, "CPR", CPR, user=CARLOS) is None


async def test_a_code_to_pay_early_is_good_until_midnight_and_the_plain_one_until_the_due_date(
    world: WalletWorld,
) -> None:
    await owing(world)
    asked = {"id": str(FIRST), "early": True, "key": "charge-0001"}
    early = (await world.get(CHARGE, SERGIO, "farmer", **asked))["createCharge"]
    assert (early["amount"], early["early"]) == ({"amount": "936.28"}, True)
    assert early["expiresAt"] == "2026-12-09T02:59:59.999Z"
    asked |= {"early": False, "key": "charge-0002"}
    plain = (await world.get(CHARGE, SERGIO, "farmer", **asked))["createCharge"]
    assert (plain["amount"], plain["early"]) == ({"amount": "945.60"}, False)
    await world.arrive(early["pix"]["txid"], 936_28)
    assert await confirmed(world) == [(FIRST, 936_28, 9_32)]


async def test_a_code_to_pay_early_that_is_paid_a_day_after_leaves_what_that_day_costs(world: WalletWorld) -> None:
    await owing(world)
    asked = {"id": str(FIRST), "early": True, "key": "charge-0001"}
    early = (await world.get(CHARGE, SERGIO, "farmer", **asked))["createCharge"]
    world.clock.advance(days=1)
    await world.arrive(early["pix"]["txid"], 936_28)
    # A day later 936.90 would have paid it, with 8.70 taken off: of 936.28 it is 8.69, and 0.63 are left.
    assert await confirmed(world) == [(FIRST, 936_28, 8_69)]
    assert amounts(await due_today(world, "Installment", FIRST))["outstanding"] == "0.63"


async def test_all_that_is_left_costs_its_principal_and_the_interest_accrued(world: WalletWorld) -> None:
    await owing(world)
    said = await due_today(world, "CPR", CPR)
    # 2,281.83 of principal; half a month's interest, 200.00 x (1.02 ^ 0.5 - 1) / 0.02 = 99.50.
    assert amounts(said) == {
        "total": "2381.33",
        "outstanding": "2836.80",
        "lateCharges": "0.00",
        "reduction": "455.47",
    }
    assert [(line["number"], *amounts(line["due"]).values()) for line in said["lines"]] == [
        (1, "845.10", "100.50"),
        (2, "760.51", "185.09"),
        (3, "775.72", "169.88"),
    ]
    answer = (await world.get(SETTLE, SERGIO, "farmer", id=str(CPR), key="settle-0001"))["settleCPR"]
    assert (answer["amount"], answer["reduction"]) == ({"amount": "2381.33"}, {"amount": "455.47"})
    assert await world.balances(SERGIO) == (618_67, 0, 0)
    paid = [(FIRST, 845_10, 100_50), (SECOND, 760_51, 185_09), (THIRD, 775_72, 169_88)]
    assert await confirmed(world) == paid
    assert (await world.get(SETTLE, SERGIO, "farmer", id=str(CPR), key="settle-0001"))["settleCPR"] == answer
    assert await confirmed(world) == paid
    again = (await world.get(SETTLE, SERGIO, "farmer", id=str(CPR), key="settle-0002"))["settleCPR"]
    assert again["__typename"] == "NothingOwed"
    assert await due_today(world, "CPR", CPR) is None
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()


async def test_who_is_late_settles_with_the_fine(world: WalletWorld) -> None:
    await owing(world, day=date(2026, 12, 25))
    said = await due_today(world, "CPR", CPR)
    assert amounts(said["lines"][0]["due"]) == {"total": "965.14", "reduction": "0.00"}
    assert amounts(said)["lateCharges"] == "19.54"


async def test_all_of_it_is_paid_or_nothing(world: WalletWorld) -> None:
    await owing(world, has_minor=2_381_32)
    refused = (await world.get(SETTLE, SERGIO, "farmer", id=str(CPR), key="settle-0001"))["settleCPR"]
    assert refused == {"__typename": "InsufficientFunds", "requested": {"amount": "2381.33"}}
    assert await confirmed(world) == []
    assert await world.balances(SERGIO) == (2_381_32, 0, 0)


async def test_nobody_settles_another_farmer_s_cpr(world: WalletWorld) -> None:
    await owing(world)
    await world.person_with(CARLOS, 3_000_00)
    refused = (await world.get(SETTLE, CARLOS, "farmer", id=str(CPR), key="settle-0001"))["settleCPR"]
    assert (refused["__typename"], refused["cprId"]) == ("NothingOwed", str(CPR))
    assert await confirmed(world) == []


async def test_a_charge_that_is_paid_twice_pays_once_also_where_more_is_owed(world: WalletWorld) -> None:
    """Over a tenth of the installment when it was made early; on the due date, when it is paid, all of it is owed."""
    await world.open_wallets(SERGIO)
    dear = schedule().installments[0].model_copy(update={"amount_minor": 1_000_00, "interest_minor": 900_00})
    await world.tell(schedule(installments=[dear.model_copy(update={"months": 12})], monthly_rate="0.9"))
    charge = (await world.get(CHARGE, SERGIO, "farmer", id=str(FIRST), early=True, key="charge-0001"))["createCharge"]
    assert charge["amount"] == {"amount": "100.00"}
    for hour in (15, 16):
        world.clock.instant = datetime(2026, 12, 23, hour, tzinfo=UTC)
        await world.arrive(charge["pix"]["txid"], 100_00)
    assert await confirmed(world) == [(FIRST, 100_00, 0)]
    assert await world.balances(SERGIO) == (100_00, 0, 0)


def test_who_was_charged_for_being_late_pays_no_less_for_what_is_reported_after_it() -> None:
    installment = models.Installment(
        amount_minor=945_60, interest_minor=200_00, starts_on=DUE[0], due_on=DUE[1], months=1,
        monthly_rate=Decimal("0.02"), late_fine_rate=Decimal("0.02"), late_monthly_rate=Decimal("0.01"),
        carried_minor=0,
    )  # fmt: skip
    part = models.InstallmentPayment(settled_minor=100_00, late_days=2, late_due_minor=19_54, late_minor=19_54)
    before = DUE[1] - timedelta(days=15)
    assert amount_due(installment, None, on=before, early=Early.ALONE).reduction_minor == 9_32
    assert amount_due(installment, part, on=before, early=Early.ALONE).reduction_minor == 0


async def test_terms_told_later_are_added_and_never_changed(world: WalletWorld) -> None:
    await world.person_with(SERGIO, 3_000_00)
    untold = {"late_fine_rate": None, "late_monthly_rate": None, "monthly_rate": None}
    lines = [line.model_copy(update={"interest_minor": None}) for line in schedule().installments]
    await world.tell(schedule(installments=lines, **untold))
    world.clock.instant = datetime(2026, 12, 8, 15, tzinfo=UTC)
    assert amounts(await due_today(world, "Installment", FIRST))["reduction"] == "0.00"
    await world.tell(schedule())
    await world.tell(schedule(monthly_rate="0.5", late_fine_rate="0.9"))
    assert amounts(await due_today(world, "Installment", FIRST))["reduction"] == "9.32"
    assert await world.scalar("SELECT DISTINCT late_fine_rate FROM installments") == Decimal("0.02")


def price(principal: int, rate: Decimal, months: int) -> list[tuple[int, int]]:
    """Principal and interest of each month, the last taking the balance."""
    growth = (1 + rate) ** months
    level = round_half_up(principal * rate * growth / (growth - 1))
    balance, parts = principal, []
    for month in range(1, months + 1):
        interest = round_half_up(balance * rate)
        parts.append((balance if month == months else min(level - interest, balance), interest))
        balance -= parts[-1][0]
    return parts


@given(
    principal=st.integers(100_00, 10**8),
    rate=st.decimals("0.005", "0.05", places=6),
    months=st.integers(1, 24),
    days=st.integers(0, 30),
)
def test_all_that_is_left_is_worth_the_sum_of_its_installments_present_values(
    principal: int, rate: Decimal, months: int, days: int
) -> None:
    """In months of thirty days: the two ways of reckoning a reduction say the same, but for the rounding of cents."""
    start = date(2026, 1, 1)
    on = start + timedelta(days=days)
    total, present = 0, Decimal(0)
    for month, (capital, interest) in enumerate(price(principal, rate, months)):
        installment = models.Installment(
            amount_minor=capital + interest,
            interest_minor=interest,
            starts_on=start + timedelta(days=30 * month),
            due_on=start + timedelta(days=30 * (month + 1)),
            months=1,
            monthly_rate=rate,
            carried_minor=0,
        )
        reduction = reduction_of_all(installment, settled_minor=0, on=on)
        alone = reduction_alone(installment, settled_minor=0, on=on)
        assert 0 <= reduction <= interest
        assert 0 <= alone <= interest
        total += installment.amount_minor - reduction
        present += installment.amount_minor / (1 + rate) ** (month + 1 - Decimal(days) / 30)
    assert abs(total - present) <= 1 + months


@given(amount=st.integers(2, 10**9), interest=st.fractions(0, 1), part=st.fractions(0, 1))
def test_a_part_gets_its_part_of_the_reduction_and_pays_no_more_than_there_is(
    amount: int, interest: Any, part: Any
) -> None:
    reduction = min(int(amount * interest), amount - 1)
    total = amount - reduction
    paying = max(int(total * part), 1)
    of_it = reduction_of_part(paying, total_minor=total, reduction_minor=reduction)
    assert 0 <= of_it <= reduction
    assert (paying + of_it == amount) == (paying == total)
