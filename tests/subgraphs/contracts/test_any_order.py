"""CPRs and their installments do not depend on the order in which facts arrive."""

from uuid import UUID, uuid4

from hypothesis import given
from sqlalchemy import select

from subgraphs.contracts import models
from subgraphs.contracts.schemas import heard
from subgraphs.shared.clock import FixedClock
from tests.builders.any_order import History, Kind, MakeHistory, at_noon, check_order, orders_of, queues_reached, tries
from tests.builders.deliveries import in_order
from tests.subgraphs.contracts.contracts_builders import MARINA, Contracts, an_approval
from tests.subgraphs.contracts.renegotiating import agree, consented, late, propose

KINDS = {
    "contracts.keep_standing": Kind.VERSIONED,
    "contracts.draft_cpr": Kind.FACT,
    "contracts.request_signature": Kind.ERRAND,
    "contracts.request_registration": Kind.ERRAND,
    "contracts.note_funding": Kind.STATE,
    "contracts.activate_cpr": Kind.STATE,
    "contracts.record_payment": Kind.STATE,
    "contracts.cancel_cpr": Kind.STATE,
    "contracts.take_roll": Kind.FACT,
    "contracts.put_schedule_in_force": Kind.STATE,
    "contracts.keep_old_schedule": Kind.STATE,
    "contracts.forget_signer": Kind.FACT,
}
EVENTS = 11


def history_of(contracts: Contracts) -> MakeHistory:
    """
    A CPR is funded, disbursed and begun to be repaid; another comes to nothing and its farmer leaves. Of three that are
    late one gets a new schedule, one does not, and of one the holders are told.
    """

    async def history() -> History:
        begin = contracts.clock.instant = FixedClock().instant
        renewed, agreed = await consented(contracts)
        contracts.clock.instant = begin
        missed, overtaken = await consented(contracts)
        contracts.clock.instant = begin
        late_still = await late(contracts)
        proposed = (await propose(contracts, late_still))["id"]
        await agree(contracts, proposed)
        contracts.clock.instant = begin
        gone, approval = uuid4(), an_approval()
        contracts.scopes[gone] = ("farmer",)
        sold, other = await contracts.registered(), await contracts.registered(farmer_id=gone)
        first, second, *_ = await contracts.installments(sold)
        told = in_order(
            heard.OfferingFunded(offering_id=uuid4(), cpr_id=sold),
            heard.CPRDisbursed(cpr_id=sold, principal_minor=1_000_000, disbursed_at=contracts.clock.now()),
            contracts.a_payment(first),
            contracts.a_payment(second, late_days=2, late_minor=1_882),
            contracts.a_payment(
                second,
                number=2,
                amount_minor=1_882,
                settled_before_minor=second.amount_minor - 1_882,
                late_days=2,
                late_minor=0,
            ),
            heard.OfferingCancelled(offering_id=uuid4(), cpr_id=other),
            heard.AccountClosed(user_id=gone),
            approval,
            heard.ScheduleReplaced(renegotiation_id=UUID(agreed), cpr_id=renewed, replaced_at=contracts.clock.now()),
            heard.ScheduleKept(renegotiation_id=UUID(overtaken), cpr_id=missed, reason="PAID_MEANWHILE"),
            heard.QuotaRollTold(
                renegotiation_id=UUID(proposed),
                cpr_id=late_still,
                quota_count=1,
                holders=(heard.RollHolder(investor_id=MARINA, quota_count=1),),
            ),
        )
        names: dict[UUID, str] = {sold: "sold", other: "other", gone: "gone", approval.credit_request_id: "request"}
        names |= {row.id: f"installment {row.number}" for row in await contracts.installments(sold)}
        names |= {UUID(agreed): "agreed", UUID(overtaken): "overtaken", UUID(proposed): "proposed"}
        texts = {**await texts_of(contracts, sold, "sold"), **await texts_of(contracts, other, "other")}
        return History(at_noon(told), names, texts, left_out=frozenset({"idempotency_keys"}))

    return history


async def texts_of(contracts: Contracts, cpr_id: UUID, name: str) -> dict[str, str]:
    """What was written, signed and registered under the CPR's id: it differs between two CPRs, and stays as it was."""
    cpr = await contracts.row(cpr_id)
    made = {"document": cpr.document, "digest": cpr.document_digest, "registration": cpr.registration_number}
    async with contracts.subgraph.database.read() as session:
        orders = await session.scalars(select(models.ProviderOrder).where(models.ProviderOrder.cpr_id == cpr_id))
        made |= {f"{order.party} answer": as_json(order.answer_sealed) for order in orders}
    assert len(made) == 5
    assert None not in made.values()
    return {str(text): f"{name} {what}" for what, text in made.items()}


def as_json(value: bytes | None) -> str | None:
    """As PostgreSQL prints it."""
    return None if value is None else f"\\x{value.hex()}"


@given(order=orders_of(EVENTS))
@tries
async def test_any_order_ends_the_same(contracts: Contracts, order: list[int]) -> None:
    await check_order(contracts.subgraph, history_of(contracts), order)


async def test_the_history_reaches_every_reaction_but_errands(contracts: Contracts) -> None:
    told = await history_of(contracts)()
    assert len(told.events) == EVENTS
    reached = queues_reached(contracts.subgraph, told)
    assert reached == {queue for queue in KINDS if KINDS[queue] is not Kind.ERRAND}
