"""Who applicants are and how they repay does not depend on the order in which facts arrive."""

from datetime import date
from uuid import uuid4

from hypothesis import given

from subgraphs.credit.schemas import heard
from subgraphs.shared.consents.facts import ConsentGiven, ConsentTextLaidDown, ConsentWithdrawn
from tests.builders.any_order import History, Kind, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.credit.credit_builders import Credit

KINDS = {
    "credit.keep_standing": Kind.VERSIONED,
    "credit.score_request": Kind.ERRAND,
    "credit.note_identity": Kind.VERSIONED,
    "credit.forget_person": Kind.VERSIONED,
    "credit.grade_cpr": Kind.FACT,
    "credit.keep_consent": Kind.VERSIONED,
    "credit.keep_consent_text": Kind.FACT,
    "credit.note_repayment": Kind.FACT,
}
EVENTS = 13


async def history() -> History:
    farmer, gone, cpr, settled = (uuid4() for _ in range(4))
    told = in_order(
        heard.IdentityVerified(user_id=farmer),
        heard.IdentityVerified(user_id=farmer),
        heard.IdentityVerified(user_id=gone),
        heard.AccountClosed(user_id=gone),
        heard.CPRDefaulted(cpr_id=cpr, farmer_id=farmer),
        heard.CPRRecovered(cpr_id=cpr, farmer_id=farmer),
        heard.CPRDefaulted(cpr_id=cpr, farmer_id=farmer),
        heard.CPRRenegotiated(cpr_id=settled, farmer_id=farmer),
        heard.CPRSettled(cpr_id=settled, farmer_id=farmer),
        ConsentTextLaidDown(
            purpose="CREDIT_BUREAU", version=1, valid_from=date(2026, 1, 1), earlier_good_until=date(2026, 1, 1)
        ),
        *(ConsentGiven(user_id=farmer, purpose="CREDIT_BUREAU", version=version) for version in (1, 2)),
        ConsentWithdrawn(user_id=farmer, purpose="CREDIT_BUREAU"),
    )
    return History(at_noon(told), {farmer: "farmer", gone: "gone", cpr: "cpr", settled: "settled"})


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(credit: Credit, order: list[int]) -> None:
    await check_order(credit.subgraph, history, order)


async def test_the_history_reaches_every_reaction_but_those_on_a_request(credit: Credit) -> None:
    told = await history()
    assert len(told.events) == EVENTS
    on_a_request = {"credit.score_request", "credit.grade_cpr"}  # test_credit_entities.py, test_scoring.py
    assert queues_reached(credit.subgraph, told) == KINDS.keys() - on_a_request
