"""All that is left of a CPR, by Pix or boleto: what is asked for, and where the money goes whenever it comes."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.shared.late_charges import LateCharges
from subgraphs.wallet import models
from subgraphs.wallet.domain import books
from subgraphs.wallet.domain.amount_due import AmountDue
from subgraphs.wallet.domain.early_settlement import SettlementLine, divide
from subgraphs.wallet.models import ChargeMethod, PaymentOutcome
from subgraphs.wallet.ports.payment_gateway import Payer
from subgraphs.wallet.schemas import events
from tests.subgraphs.wallet.schedules import agreed_schedule
from tests.subgraphs.wallet.test_early_payments import FIRST, PAY, SECOND, THIRD, amounts, confirmed, due_today, owing
from tests.subgraphs.wallet.test_money_claims import claim, open_claim
from tests.subgraphs.wallet.test_payment_returns import set_rule
from tests.subgraphs.wallet.wallet_world import CARLOS, CPR, SERGIO, WalletWorld, number

CREATE = """mutation($input: CreateSettlementChargeInput!) { createSettlementCharge(input: $input) {
  __typename ... on Charge { id status early amount { amount } cpr { id } installment { id } expiresAt
    pix { txid brCode } boleto { txid dueOn } }
  ... on NothingOwed { cprId } ... on InvalidInput { field message messageEnglish }
  ... on IdempotencyKeyReused { idempotencyKey } } }"""
SEEN = """query($r: [_Any!]!, $on: Date) { _entities(representations: $r) { ... on CPR {
  settlementCharge { id amount { amount } } earlySettlement(on: $on) { total { amount } } } } }"""


async def charge(world: WalletWorld, user: uuid.UUID = SERGIO, **asked: Any) -> Any:
    request = {"cprId": str(CPR), "method": "PIX", "idempotencyKey": str(uuid.uuid4())} | asked
    return (await world.get(CREATE, user, "farmer", input=request))["createSettlementCharge"]


async def seen(world: WalletWorld, user: uuid.UUID = SERGIO, on: str | None = None) -> Any:
    reference = {"__typename": "CPR", "id": str(CPR)}
    return (await world.get(SEEN, user, "farmer", r=[reference], on=on))["_entities"][0]


async def txid_of(world: WalletWorld, made: Any) -> str:
    found: str = await world.scalar("SELECT txid FROM charges WHERE id = :id", id=uuid.UUID(made["id"]))
    return found


async def pay(
    world: WalletWorld, made: Any, minor: int, method: ChargeMethod = ChargeMethod.PIX, payer: Payer | None = None
) -> models.GatewayPayment:
    return await world.arrive(await txid_of(world, made), minor, method=method, payer=payer)


async def status_of(world: WalletWorld, made: Any) -> str:
    found: str = await world.scalar("SELECT status FROM charges WHERE id = :id", id=uuid.UUID(made["id"]))
    return found


async def left_over(world: WalletWorld) -> list[tuple[int, str]]:
    return [(fact.amount_minor, fact.reason) for fact in await world.published(events.SurplusCredited)]


async def check(world: WalletWorld) -> None:
    assert (await books.check_books(world.subgraph.database, now=world.clock.now())).problems == ()


async def test_one_payment_pays_every_installment_with_its_own_reduction(world: WalletWorld) -> None:
    await owing(world, has_minor=10_00)
    made = await charge(world)
    assert (made["amount"], made["early"], made["cpr"], made["installment"], made["expiresAt"]) == (
        {"amount": "2381.33"}, True, {"id": str(CPR)}, None, "2026-12-09T02:59:59.999Z",
    )  # fmt: skip
    assert (await seen(world))["settlementCharge"] == {"id": made["id"], "amount": {"amount": "2381.33"}}
    payment = await pay(world, made, 2_381_33)
    assert (payment.outcome, payment.note) == (PaymentOutcome.CREDITED, "")
    assert await confirmed(world) == [(FIRST, 845_10, 100_50), (SECOND, 760_51, 185_09), (THIRD, 775_72, 169_88)]
    assert await world.balances(SERGIO) == (10_00, 0, 0)
    assert await world.scalar("SELECT count(DISTINCT settlement_id) FROM installment_payments") == 1
    assert (await status_of(world, made), await left_over(world)) == ("PAID", [])
    assert await seen(world) == {"settlementCharge": None, "earlySettlement": None}
    await check(world)


async def test_it_is_over_what_is_owed_on_its_last_day_and_who_pays_before_keeps_the_difference(
    world: WalletWorld,
) -> None:
    await owing(world, has_minor=0)
    made = await charge(world, payBy="2026-12-10", method="BOLETO")
    # 17 days of 30 have passed by then: 112.85 of interest.
    assert (made["amount"], made["boleto"]["dueOn"]) == ({"amount": "2394.68"}, "2026-12-10")
    assert (await seen(world, on="2026-12-10"))["earlySettlement"] == {"total": {"amount": "2394.68"}}
    assert (await seen(world, on="2020-01-01"))["earlySettlement"] == {"total": {"amount": "2381.33"}}
    payment = await pay(world, made, 2_394_68, ChargeMethod.BOLETO)
    assert payment.note == "R$ 13,35 of it are left in the wallet"
    assert sum(amount for _, amount, _ in await confirmed(world)) == 2_381_33
    assert await world.balances(SERGIO) == (13_35, 0, 0)
    assert await left_over(world) == [(13_35, "MORE_THAN_PAID")]
    await check(world)


async def test_paid_late_it_pays_what_is_due_with_the_fine_and_the_rest_stays_in_the_wallet(world: WalletWorld) -> None:
    await owing(world, has_minor=0)
    made = await charge(world)
    world.clock.instant = datetime(2026, 12, 25, 15, tzinfo=UTC)
    await pay(world, made, 2_381_33)
    assert await confirmed(world) == [(FIRST, 965_14, 0)]
    assert await world.balances(SERGIO) == (1_416_19, 0, 0)
    assert await left_over(world) == [(1_416_19, "MORE_THAN_PAID")]
    assert await world.scalar("SELECT count(settlement_id) FROM installment_payments") == 0
    assert [line["number"] for line in (await due_today(world, "CPR", CPR))["lines"]] == [2, 3]
    await check(world)


async def test_paid_later_still_it_pays_the_oldest_first_and_the_last_in_part(world: WalletWorld) -> None:
    await owing(world, has_minor=0)
    made = await charge(world)
    world.clock.instant = datetime(2027, 2, 24, 15, tzinfo=UTC)
    said = [(line["number"], line["due"]["total"]["amount"]) for line in (await due_today(world, "CPR", CPR))["lines"]]
    assert said == [(1, "984.37"), (2, "973.97"), (3, "964.83")]
    await pay(world, made, 2_381_33)
    assert [(where, minor) for where, minor, _ in await confirmed(world)] == [
        (FIRST, 984_37), (SECOND, 973_97), (THIRD, 422_99),
    ]  # fmt: skip
    assert (await world.balances(SERGIO), await left_over(world)) == ((0, 0, 0), [])
    # Of the third 19.23 were for being late.
    assert amounts(await due_today(world, "Installment", THIRD))["outstanding"] == "541.84"
    await check(world)


async def test_an_installment_paid_meanwhile_withdraws_it_and_who_pays_it_all_the_same_keeps_the_difference(
    world: WalletWorld,
) -> None:
    await owing(world, has_minor=1_000_00)
    made = await charge(world)
    await world.get(PAY, SERGIO, "farmer", id=str(FIRST), key="payment-0001")
    assert await world.balances(SERGIO) == (63_72, 0, 0)
    assert await status_of(world, made) == "CANCELLED"
    assert [fact.txid for fact in await world.published(events.ChargeCancelled)] == [await txid_of(world, made)]
    await pay(world, made, 2_381_33)
    assert (await confirmed(world))[1:] == [(SECOND, 760_51, 185_09), (THIRD, 775_72, 169_88)]
    # 2,381.33 less 1,536.23.
    assert await world.balances(SERGIO) == (908_82, 0, 0)
    assert (await status_of(world, made), await left_over(world)) == ("PAID", [(845_10, "MORE_THAN_PAID")])
    await check(world)


async def test_of_what_nothing_is_owed_any_more_it_all_stays_in_the_wallet(world: WalletWorld) -> None:
    await owing(world, has_minor=0)
    made = await charge(world)
    for amount in (2_381_33, 2_381_33):
        payment = await pay(world, made, amount)
    assert payment.outcome is PaymentOutcome.SURPLUS
    assert len(await confirmed(world)) == 3
    assert (await world.balances(SERGIO), await left_over(world)) == ((2_381_33, 0, 0), [(2_381_33, "PAID_BEFORE")])
    await check(world)


async def test_what_is_not_due_of_new_terms_is_not_paid_by_what_came_for_the_old(world: WalletWorld) -> None:
    await owing(world, has_minor=0)
    made = await charge(world)
    await world.tell(agreed_schedule((2_281_83, 300_00, 0)))
    assert (await status_of(world, made), (await seen(world))["settlementCharge"]) == ("CANCELLED", None)
    world.clock.instant = datetime(2027, 2, 1, 15, tzinfo=UTC)
    payment = await pay(world, made, 2_381_33)
    assert (payment.outcome, await confirmed(world)) == (PaymentOutcome.SURPLUS, [])
    assert await world.balances(SERGIO) == (2_381_33, 0, 0)
    await check(world)


async def test_a_boleto_paid_twice_goes_back_and_another_amount_waits_for_people(world: WalletWorld) -> None:
    await owing(world, has_minor=0)
    made = await charge(world, method="BOLETO")
    other = await pay(world, made, 2_381_32, ChargeMethod.BOLETO)
    assert (other.outcome, await confirmed(world)) == (PaymentOutcome.QUARANTINED, [])
    first = await pay(world, made, 2_381_33, ChargeMethod.BOLETO)
    second = await pay(world, made, 2_381_33, ChargeMethod.BOLETO)
    assert (first.outcome, second.outcome) == (PaymentOutcome.CREDITED, PaymentOutcome.RETURNED)
    assert (await world.balances(SERGIO), len(await confirmed(world))) == ((0, 0, 0), 3)
    await check(world)


async def test_two_payments_of_one_boleto_at_once_are_told_apart(world: WalletWorld) -> None:
    await owing(world, has_minor=0)
    made = await charge(world, method="BOLETO")
    paid = await asyncio.gather(*(pay(world, made, 2_381_33, ChargeMethod.BOLETO) for _ in range(3)))
    assert sorted(payment.outcome for payment in paid) == ["CREDITED", "RETURNED", "RETURNED"]
    assert (await world.balances(SERGIO), len(await confirmed(world))) == ((0, 0, 0), 3)
    await check(world)


async def test_the_debt_comes_before_what_a_payers_bank_wants_of_the_farmer(world: WalletWorld) -> None:
    await owing(world, has_minor=0)
    payment = await world.deposit(SERGIO, 50_00)
    await world.request_investment(SERGIO, 50_00, investment=number(0x1F1))
    assert await open_claim(world, payment, 50_00)
    assert await claim(world) == ("OPEN", 0, 0, 0)
    made = await charge(world, payBy="2026-12-10")
    await pay(world, made, 2_394_68)
    assert sum(amount for _, amount, _ in await confirmed(world)) == 2_381_33
    assert await claim(world) == ("OPEN", 13_35, 0, 0)
    assert await world.balances(SERGIO) == (0, 50_00, 0)


async def test_what_a_bank_wants_is_taken_of_what_is_left_of_it_and_not_of_what_was_there(
    world: WalletWorld, owner: asyncpg.Connection
) -> None:
    await set_rule(owner, "claims_collect_percent", 50)
    await owing(world, has_minor=0)
    payment = await world.deposit(SERGIO, 50_00)
    await world.request_investment(SERGIO, 50_00, investment=number(0x1F1))
    assert await open_claim(world, payment, 50_00)
    await world.deposit(SERGIO, 20_00)
    assert (await world.balances(SERGIO), await claim(world)) == ((10_00, 50_00, 0), ("OPEN", 10_00, 0, 0))
    made = await charge(world, payBy="2026-12-10")
    await pay(world, made, 2_394_68)
    # Half of the 13.35 that it does not pay.
    assert (await world.balances(SERGIO), await claim(world)) == ((16_67, 50_00, 0), ("OPEN", 16_68, 0, 0))


async def test_one_is_open_at_a_time_and_asking_again_is_the_same(world: WalletWorld) -> None:
    await owing(world)
    first = await charge(world, idempotencyKey="settle-0001")
    assert await charge(world, idempotencyKey="settle-0001") == first
    assert (await charge(world, idempotencyKey="settle-0001", method="BOLETO"))["__typename"] == "IdempotencyKeyReused"
    assert await charge(world) == first
    other = await charge(world, method="BOLETO")
    assert (other["id"] != first["id"], await status_of(world, first)) == (True, "CANCELLED")
    assert (await seen(world))["settlementCharge"]["id"] == other["id"]


async def test_only_who_owes_it_is_asked_for_it_and_sees_it(world: WalletWorld) -> None:
    await owing(world)
    await world.open_wallets(CARLOS)
    await charge(world)
    assert (await charge(world, CARLOS))["__typename"] == "NothingOwed"
    assert await seen(world, CARLOS) == {"settlementCharge": None, "earlySettlement": None}
    assert await world.scalar("SELECT count(*) FROM charges WHERE purpose = 'SETTLEMENT'") == 1


@pytest.mark.parametrize(
    ("method", "day"),
    [("PIX", "2026-12-07"), ("PIX", "2026-12-19"), ("BOLETO", "2026-12-12"), ("BOLETO", "2026-12-13")],
)
async def test_it_is_good_until_a_day_on_which_it_can_be_paid(world: WalletWorld, method: str, day: str) -> None:
    await owing(world)
    assert (await charge(world, method=method, payBy=day))["field"] == "payBy"
    assert await world.scalar("SELECT count(*) FROM charges WHERE purpose = 'SETTLEMENT'") == 0


async def test_a_boleto_asked_for_on_a_day_without_banks_is_good_until_the_next_with_some(world: WalletWorld) -> None:
    await owing(world, day=date(2026, 12, 12))
    assert (await charge(world, method="BOLETO"))["boleto"]["dueOn"] == "2026-12-14"


@pytest.mark.parametrize(
    ("at", "due_on"),
    [
        # 19:59 and 20:00 in Brasília, on a Tuesday; a Friday.
        (datetime(2026, 12, 8, 22, 59, tzinfo=UTC), "2026-12-08"),
        (datetime(2026, 12, 8, 23, 0, tzinfo=UTC), "2026-12-09"),
        (datetime(2026, 12, 12, 1, 0, tzinfo=UTC), "2026-12-14"),
    ],
)
async def test_a_boleto_asked_for_late_in_the_day_is_due_when_banks_take_it(
    world: WalletWorld, at: datetime, due_on: str
) -> None:
    await owing(world)
    world.clock.instant = at
    made = await charge(world, method="BOLETO")
    assert made["boleto"]["dueOn"] == due_on
    assert (await seen(world, on=due_on))["earlySettlement"]["total"] == made["amount"]


async def test_from_the_hour_set_on_no_boleto_is_due_that_day_and_pix_is(world: WalletWorld) -> None:
    world.services.settings.boleto_until_hour = 12
    await owing(world)
    world.clock.instant = datetime(2026, 12, 8, 15, tzinfo=UTC)
    refused = await charge(world, method="BOLETO", payBy="2026-12-08")
    assert refused["messageEnglish"].endswith("banks take no more boletos today; choose the next business day, or Pix")
    assert (await charge(world, method="BOLETO"))["boleto"]["dueOn"] == "2026-12-09"
    assert (await charge(world, payBy="2026-12-08"))["expiresAt"] == "2026-12-09T02:59:59.999Z"


def line(number: int, due_on: date, total_minor: int) -> SettlementLine:
    due = AmountDue(
        open_minor=total_minor, late=LateCharges(days_late=0, fine_minor=0, interest_minor=0), reduction_minor=0
    )
    return SettlementLine(models.Installment(number=number, due_on=due_on), due)


@given(
    totals=st.lists(st.integers(1, 1_000_00), min_size=1, max_size=36),
    amount=st.integers(1, 40_000_00),
    due=st.integers(0, 36),
)
def test_no_more_is_paid_than_came_or_is_owed_and_what_is_not_due_only_with_all(
    totals: list[int], amount: int, due: int
) -> None:
    day = date(2027, 1, 10)
    lines = [line(place, day + timedelta(days=place - due), total) for place, total in enumerate(totals)]
    applied = divide(lines, amount, on=day)
    assert applied.is_all == (sum(totals) <= amount)
    if applied.is_all:
        assert [minor for _, minor in applied.paid] == totals
    else:
        owed = totals[: due + 1]
        assert applied.total_minor == min(amount, sum(owed))
        assert all(minor == line.due.total_minor for line, minor in applied.paid[:-1])
        assert [line.installment.number for line, _ in applied.paid] == list(range(len(applied.paid)))
