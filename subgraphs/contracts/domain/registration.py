"""Registering a signed CPR, without which it is worth nothing to third parties (Lei 8.929/1994, art. 12)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import provider_orders
from subgraphs.contracts.domain.cancellation import cancel
from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.models import CPR, CPRStatus, OrderStatus, Party, ProviderOrder
from subgraphs.contracts.ports.registry import RegistryOrder
from subgraphs.contracts.schemas import events
from subgraphs.contracts.schemas.webhooks import RegistryMessage
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.shared.reading import Reader


async def open_order(session: AsyncSession, cpr_id: UUID, *, now: datetime) -> RegistryOrder | None:
    """
    Begin the registration of a signed CPR; what to ask of the registry, or None when that is over.

    Begun before, the open order is the one to ask for again: the registry knows it by its reference.
    """
    cpr = await rows.lock_cpr(session, cpr_id)
    if cpr is None or not cpr.is_any_of(CPRStatus.SIGNED, CPRStatus.REGISTERING):
        return None
    order = await provider_orders.find_open_order(session, cpr.id, Party.REGISTRY)
    if order is None:
        order = ProviderOrder(
            id=new_id(),
            cpr_id=cpr.id,
            party=Party.REGISTRY,
            status=OrderStatus.REQUESTED,
            requested_at=now,
            attempts=0,
        )
        session.add(order)
        cpr.status = CPRStatus.REGISTERING
    return _registry_order(order, cpr)


async def prepare_order(session: Reader, order_id: UUID) -> RegistryOrder | None:
    """What to ask of the registry; None when it has answered already."""
    order = await provider_orders.find_order(session, order_id)
    if order is None or order.status != OrderStatus.REQUESTED:
        return None
    cpr = await rows.find_cpr(session, order.cpr_id)
    assert cpr is not None  # noqa: S101  # the foreign key says so
    return _registry_order(order, cpr)


async def record_answer(
    session: AsyncSession, order: ProviderOrder, message: RegistryMessage, *, now: datetime
) -> None:
    """
    Take the registry's word on an open order: the CPR is registered and may be offered, or it is cancelled.

    A registration that comes after the last day is none, and cancels the CPR as well.
    """
    cpr = await rows.lock_cpr(session, order.cpr_id)
    assert cpr is not None  # noqa: S101  # the foreign key says so
    order.answered_at = now
    order.status = OrderStatus.COMPLETED if message.status == "registered" else OrderStatus.REFUSED
    if not cpr.is_any_of(CPRStatus.REGISTERING):
        return  # cancelled meanwhile; the answer stays on record
    if message.status == "refused":
        cancel(session, cpr, reason=f"the registry refused: {message.reason or 'no reason given'}", now=now)
        return
    assert cpr.registration_due_on is not None  # noqa: S101  # set with the signature
    if business_date(message.occurred_at) > cpr.registration_due_on:
        cancel(session, cpr, reason="registered after the last day allowed", now=now)
        return
    cpr.status, cpr.registered_at = CPRStatus.REGISTERED, message.occurred_at
    cpr.registry_name, cpr.registration_number = message.registry, message.registration_number
    outbox.record(session, _registered(cpr), occurred_at=now)


async def cancel_unregistered(session: AsyncSession, *, now: datetime) -> int:
    """Cancel the CPRs whose last day to be registered has passed; how many."""
    overdue = await rows.lock_unregistered(session, business_date(now))

    async def cancel_some(some: Sequence[CPR]) -> None:
        for cpr in some:
            cancel(session, cpr, reason="not registered within the time allowed", now=now)

    return await all_or_one_by_one(session, "cancel_unregistered_cprs", overdue, cancel_some, name=lambda cpr: cpr.id)


def _registry_order(order: ProviderOrder, cpr: CPR) -> RegistryOrder:
    return RegistryOrder(
        reference=order.id,
        number=cpr.number,
        document=str(cpr.document),
        principal_minor=cpr.drafted_principal_minor,
        issued_on=cpr.issued_on,
        region=cpr.region,
        municipality=cpr.municipality,
    )


def _registered(cpr: CPR) -> events.CPRRegistered:
    return events.CPRRegistered(
        cpr_id=cpr.id,
        credit_request_id=cpr.credit_request_id,
        farmer_id=cpr.farmer_id,
        crop=cpr.crop,
        hectares=cpr.hectares,
        region=cpr.region,
        municipality=cpr.municipality,
        families_benefited=cpr.families_benefited,
        grade=cpr.grade,
        principal_minor=cpr.principal_minor,
        annual_rate=rate_text(cpr.annual_rate),
        monthly_rate=rate_text(cpr.monthly_rate),
        term_months=cpr.term_months,
        amortisation=cpr.amortisation,
        registry=str(cpr.registry_name),
        registration_number=str(cpr.registration_number),
        issued_on=cpr.issued_on,
        registered_at=cpr.registered_at,
    )
