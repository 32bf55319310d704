"""The farmer signs: asked for here, done by a provider, told by its webhook."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import policies, provider_orders
from subgraphs.contracts.domain import refusals
from subgraphs.contracts.domain.document import digest_of, write_document
from subgraphs.contracts.models import CPR, CPRStatus, OrderStatus, Party, ProviderOrder
from subgraphs.contracts.ports.signature import SignatureOrder
from subgraphs.contracts.schemas import events
from subgraphs.contracts.schemas.webhooks import SignatureMessage
from subgraphs.shared import idempotency
from subgraphs.shared.business_days import add_business_days
from subgraphs.shared.clock import business_date
from subgraphs.shared.database import Database
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.people import People, Person


class WrongDocument(ValueError):
    """The provider says something was signed that we never sent."""


@dataclass(frozen=True, kw_only=True)
class SignCPR:
    cpr_id: UUID
    document_digest: str | None
    """Of the text that the farmer saw, where the client keeps it."""
    idempotency_key: str


async def request_signature(session: AsyncSession, command: SignCPR, *, actor: Identity, now: datetime) -> CPR:
    """
    Have the farmer's own CPR signed; the provider answers later.

    Asked again while the provider is at work, the CPR as it is is the answer. A digest of another text than today's
    is refused: nobody signs what they have not seen. A key that asked for this before changes nothing either, whatever
    has become of the CPR: a request sent twice must not sign what the farmer has come to doubt in between.

    Refuses with CPRNotFound (also when it is somebody else's), CPRNotSignable, CPRDocumentChanged,
    IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "sign_cpr",
        actor.user_id,
        command.idempotency_key,
        {"cpr": command.cpr_id, "document_digest": command.document_digest},
    )
    is_repeated = await idempotency.claim(session, request, result_id=command.cpr_id, now=now) is not None
    cpr = await rows.lock_cpr(session, command.cpr_id)
    if cpr is None or cpr.farmer_id != actor.user_id:
        raise refusals.CPRNotFound(cpr_id=command.cpr_id)
    if is_repeated or cpr.is_any_of(CPRStatus.SIGNING):
        return cpr
    if not cpr.is_any_of(CPRStatus.DRAFTED):
        raise refusals.CPRNotSignable(cpr_status=cpr.status)
    document = write_document(cpr, await rows.list_installments(session, [cpr.id]))
    digest = digest_of(document)
    if command.document_digest not in (None, digest):
        raise refusals.CPRDocumentChanged(document_digest=digest)

    cpr.status, cpr.document, cpr.document_digest = CPRStatus.SIGNING, document, digest
    order = ProviderOrder(
        id=new_id(),
        cpr_id=cpr.id,
        party=Party.SIGNATURE,
        status=OrderStatus.REQUESTED,
        requested_at=now,
        attempts=0,
    )
    session.add(order)
    requested = events.SignatureRequested(cpr_id=cpr.id, farmer_id=cpr.farmer_id, order_id=order.id)
    outbox.record(session, requested, occurred_at=now)
    return cpr


async def prepare_order(database: Database, people: People, order_id: UUID) -> SignatureOrder | None:
    """What to ask of the provider; None when it has answered already. Raises PeopleUnavailable."""
    async with database.read() as session:
        order = await provider_orders.find_order(session, order_id)
        if order is None or order.status != OrderStatus.REQUESTED:
            return None
        cpr = await rows.find_cpr(session, order.cpr_id)
    assert cpr is not None  # noqa: S101  # the foreign key says so
    signer = (await people.find([cpr.farmer_id])).get(cpr.farmer_id, Person())
    return SignatureOrder(
        reference=order.id,
        document=str(cpr.document),
        document_digest=str(cpr.document_digest),
        signer_id=cpr.farmer_id,
        signer_name=signer.full_name,
        signer_tax_id=signer.tax_id,
    )


async def record_answer(
    session: AsyncSession, order: ProviderOrder, message: SignatureMessage, *, now: datetime
) -> None:
    """
    Take the provider's word on an open order: the CPR is signed, or a draft again.

    The day of signature is the CPR's issue; from it the time to register runs.

    Raises WrongDocument when something else was signed.
    """
    cpr = await rows.lock_cpr(session, order.cpr_id)
    assert cpr is not None  # noqa: S101  # the foreign key says so
    if message.status == "signed" and message.document_digest != cpr.document_digest:
        raise WrongDocument(f"order {order.id} was for another document")
    order.answered_at = now
    order.status = OrderStatus.COMPLETED if message.status == "signed" else OrderStatus.REFUSED
    if not cpr.is_any_of(CPRStatus.SIGNING):
        return  # cancelled meanwhile; the answer stays on record
    if message.status == "refused":
        cpr.status = CPRStatus.DRAFTED
        return
    policy = await policies.get_policy(session, business_date(now))
    cpr.status, cpr.signed_at, cpr.issued_on = CPRStatus.SIGNED, now, business_date(now)
    cpr.registration_due_on = add_business_days(cpr.issued_on, policy.registration_business_days)
    outbox.record(session, events.CPRSigned(cpr_id=cpr.id, farmer_id=cpr.farmer_id), occurred_at=now)
