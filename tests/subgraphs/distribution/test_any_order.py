"""Positions, distributions and payouts do not depend on the order in which facts arrive."""

from uuid import UUID, uuid4, uuid5

from hypothesis import given

from subgraphs.distribution.schemas import heard
from subgraphs.shared.standing import facts
from tests.builders.any_order import History, Kind, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.distribution.register import (
    Register,
    activated,
    confirmed,
    funded,
    installment_id,
    payment,
    swapped,
)

KINDS = {
    "distribution.keep_standing": Kind.VERSIONED,
    "distribution.open_position": Kind.FACT,
    "distribution.close_position": Kind.FACT,
    "distribution.note_swap": Kind.FACT,
    "distribution.keep_funding": Kind.FACT,
    "distribution.keep_schedule": Kind.FACT,
    "distribution.distribute_payment": Kind.STATE,
    "distribution.note_credit": Kind.STATE,
    "distribution.answer_again": Kind.ERRAND,
}
EVENTS = 12


async def history() -> History:
    cpr, marina, carlos, paid = (uuid4() for _ in range(4))
    first, second, ended, bought, resold = (uuid4() for _ in range(5))
    told = in_order(
        confirmed(0, marina, 5, cpr_id=cpr, investment_id=first),
        heard.InvestmentCancelled(investment_id=ended),
        confirmed(0, carlos, 3, cpr_id=cpr, investment_id=second),
        funded(8, 2, cpr_id=cpr),
        activated((2_000, 333), (2_664, 168), cpr_id=cpr),
        heard.CPRRenegotiated(
            cpr_id=cpr,
            installments=[
                line.model_copy(update={"number": 9})
                for line in activated((1, 1), cpr_id=uuid5(cpr, "new")).installments
            ],
        ),
        payment(2_333, 1, cpr_id=cpr, payment_id=paid),
        facts.UserSuspended(user_id=marina),
        facts.UserReactivated(user_id=marina),
        swapped(1, 2, cpr_id=cpr, purchase_id=bought, investment_id=first, seller_position_id=first, seller_id=marina,
                buyer_id=carlos),
        swapped(2, 1, cpr_id=cpr, purchase_id=resold, investment_id=first, seller_position_id=bought, seller_id=carlos,
                buyer_id=marina),
        payment(2_832, 2, cpr_id=cpr, payment_id=uuid5(paid, "second"), swaps_before=2),
    )  # fmt: skip
    names: dict[UUID, str] = {
        cpr: "cpr", marina: "marina", carlos: "carlos", paid: "paid", uuid5(paid, "second"): "paid too",
        first: "first", second: "second", ended: "ended", bought: "bought", resold: "resold",
        installment_id(1, cpr): "installment 1", installment_id(2, cpr): "installment 2",
    }  # fmt: skip
    return History(at_noon(told), names)


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(register: Register, order: list[int]) -> None:
    await check_order(register.subgraph, history, order)


async def test_the_history_reaches_every_reaction_but_the_answer_to_what_it_makes(register: Register) -> None:
    told = await history()
    assert len(told.events) == EVENTS
    own_tests = {"distribution.note_credit", "distribution.answer_again"}  # the latter's: test_stuck_sagas.py
    assert queues_reached(register.subgraph, told) == KINDS.keys() - own_tests


async def test_a_credit_that_is_told_first_waits_for_its_payout(register: Register) -> None:
    told = await history()
    await check_credits(register, told)


async def check_credits(register: Register, told: History) -> None:
    for event in told.events:
        await register.deliver(event)
    for row in await register.sql("SELECT id, net_minor FROM payouts"):
        credited = heard.PayoutCredited(payout_id=row["id"], amount_minor=row["net_minor"])
        (event,) = in_order(credited)
        await register.deliver(event, event)
    assert {row["status"] for row in await register.sql("SELECT status FROM payouts")} == {"CREDITED"}
