"""Offerings, investments and schedules do not depend on the order in which facts arrive."""

from datetime import date
from uuid import UUID, uuid4

from hypothesis import given

from subgraphs.marketplace.schemas import heard
from subgraphs.shared.consents.facts import ConsentGiven, ConsentTextLaidDown, ConsentWithdrawn
from subgraphs.shared.standing import facts
from tests.builders.any_order import History, Kind, MakeHistory, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.marketplace.market import Market, activated, installment_id, registered_cpr, renegotiated
from tests.subgraphs.marketplace.secondary_market import buy, lent_by, offer, swapped

KINDS = {
    "marketplace.keep_standing": Kind.VERSIONED,
    "marketplace.admit_investor": Kind.FACT,
    "marketplace.keep_deductions": Kind.VERSIONED,
    "marketplace.keep_consent": Kind.VERSIONED,
    "marketplace.keep_consent_text": Kind.FACT,
    "marketplace.open_offering": Kind.STATE,
    "marketplace.cancel_offering": Kind.STATE,
    "marketplace.keep_schedule": Kind.FACT,
    "marketplace.note_payment": Kind.STATE,
    "marketplace.note_part": Kind.STATE,
    "marketplace.settle_investments": Kind.STATE,
    "marketplace.confirm_investment": Kind.STATE,
    "marketplace.refuse_investment": Kind.STATE,
    "marketplace.end_expired_investment": Kind.STATE,
    "marketplace.activate_investments": Kind.STATE,
    "marketplace.note_default": Kind.VERSIONED,
    "marketplace.note_recovery": Kind.VERSIONED,
    "marketplace.complete_purchase": Kind.STATE,
    "marketplace.refuse_purchase": Kind.STATE,
    "marketplace.withdraw_disowned": Kind.STATE,
    "marketplace.stop_trading": Kind.VERSIONED,
    "marketplace.tell_roll": Kind.ERRAND,
    "marketplace.resume_trading": Kind.VERSIONED,
    "marketplace.replace_schedule": Kind.VERSIONED,
}
EVENTS = 30


def history_of(market: Market) -> MakeHistory:
    """
    One offering is funded, disbursed and repaid; quotas of a second change hands, and it is late; another loses an
    investment to time and one to the wallet; a third is cancelled. Nobody has asked for quotas of that one: whether a
    cancelling or the wallet's answer comes first decides by which of two true words such an investment ends, and the
    hold is let go either way. So it is with offers that somebody disowns: nothing else ends those of the robbed one.
    """

    async def history() -> History:
        marina, carlos, late, robbed = uuid4(), uuid4(), uuid4(), uuid4()
        people = (marina, carlos, robbed)
        for verified in at_noon(in_order(*(heard.IdentityVerified(user_id=person) for person in people))):
            await market.deliver(verified)
        sold, other, unwanted = [await market.open_offering() for _ in range(3)]
        bought = await market.invest(sold, 100, who=marina)
        expired = await market.invest(other, 10, who=marina)
        refused = await market.invest(other, 20, who=carlos)
        hold = await market.hold_for(expired)
        fresh = registered_cpr(cpr_id=uuid4())
        traded, position = await lent_by(market, marina, farmer_id=uuid4())
        offered = await offer(market, position, 30, who=marina)
        had = await buy(market, offered["id"], 10, who=carlos)
        missed = await buy(market, offered["id"], 5, who=carlos)
        renewed, _ = await lent_by(market, marina, farmer_id=uuid4())
        taken, taken_position = await lent_by(market, robbed, farmer_id=uuid4())
        disowned = await offer(market, taken_position, 30, who=robbed)
        told = in_order(
            heard.IdentityVerified(user_id=late),
            heard.IdentityVerified(user_id=late),
            facts.UserSuspended(user_id=marina),
            facts.UserReactivated(user_id=marina),
            fresh,
            await market.hold_for(bought),
            hold,
            heard.HoldReleased(hold_id=hold.hold_id, reference_id=expired, expired=True),
            heard.HoldRefused(reference_id=refused, purpose="investment", reason="INSUFFICIENT_FUNDS"),
            heard.CPRDisbursed(cpr_id=sold.cpr_id, disbursed_at=market.clock.now()),
            activated(sold.cpr_id, (500_000, 10_000), (500_000, 5_000)),
            *(
                heard.InstallmentPaid(
                    installment_id=installment_id(sold.cpr_id, number),
                    cpr_id=sold.cpr_id,
                    payment_number=number,
                    paid_at=market.clock.now(),
                )
                for number in (1, 2)
            ),
            heard.InstallmentPartlyPaid(
                installment_id=installment_id(sold.cpr_id, 2),
                cpr_id=sold.cpr_id,
                payment_number=1,
                settled_minor=400_000,
            ),
            heard.CPRSettled(cpr_id=sold.cpr_id),
            heard.CPRCancelled(cpr_id=unwanted.cpr_id),
            await swapped(market, had["id"]),
            heard.QuotaSwapRefused(purchase_id=UUID(missed["id"]), reason="QUOTAS_SOLD"),
            heard.CPRDefaulted(cpr_id=traded.cpr_id),
            heard.CPRRecovered(cpr_id=traded.cpr_id),
            heard.SecurityAlert(user_id=robbed, kind="CHANGE_DISOWNED"),
            ConsentTextLaidDown(
                purpose="INVESTMENT_RISK", version=1, valid_from=date(2040, 1, 1), earlier_good_until=date(2040, 1, 1)
            ),
            ConsentGiven(user_id=marina, purpose="INVESTMENT_RISK", version=1),
            ConsentWithdrawn(user_id=marina, purpose="INVESTMENT_RISK"),
            heard.RenegotiationProposed(renegotiation_id=uuid4(), cpr_id=renewed.cpr_id),
            heard.RenegotiationEnded(cpr_id=renewed.cpr_id),
            heard.RenegotiationProposed(renegotiation_id=uuid4(), cpr_id=renewed.cpr_id),
            renegotiated(renewed.cpr_id, (1, 2), (1_000_000, 30_000)),
            *(
                heard.DeductionsLaidDown.model_validate(
                    {"valid_from": "2040-01-01", "performance_fee_rate": fee_rate, "income_tax_rate": "0"}
                )
                for fee_rate in ("0.20", "0.18")
            ),
        )
        names: dict[UUID, str] = {
            marina: "marina", carlos: "carlos", late: "late", sold.id: "sold", other.id: "other",
            sold.cpr_id: "sold CPR", other.cpr_id: "other CPR", fresh.cpr_id: "fresh CPR",
            unwanted.id: "unwanted", unwanted.cpr_id: "unwanted CPR",
            bought: "bought", expired: "expired", refused: "refused",
            traded.id: "traded", traded.cpr_id: "traded CPR", position: "position",
            UUID(offered["id"]): "offered", UUID(had["id"]): "had", UUID(missed["id"]): "missed",
            renewed.id: "renewed", renewed.cpr_id: "renewed CPR",
            robbed: "robbed", taken.id: "taken", taken.cpr_id: "taken CPR", taken_position: "taken position",
            UUID(disowned["id"]): "disowned",
        }  # fmt: skip
        return History(at_noon(told), names, left_out=frozenset({"idempotency_keys"}))

    return history


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(market: Market, order: list[int]) -> None:
    await check_order(market.subgraph, history_of(market), order)


async def test_the_history_reaches_every_reaction_but_errands(market: Market) -> None:
    told = await history_of(market)()
    assert len(told.events) == EVENTS
    assert queues_reached(market.subgraph, told) == {queue for queue in KINDS if KINDS[queue] is not Kind.ERRAND}
