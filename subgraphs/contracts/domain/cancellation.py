"""A CPR that comes to nothing before any money has moved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.models import CPR, CPRStatus
from subgraphs.contracts.schemas import events
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet


def cancel(session: AsyncSession, cpr: CPR, *, reason: str, now: datetime) -> None:
    """Cancel a locked CPR. The database refuses it once money is out."""
    cpr.status, cpr.cancelled_at, cpr.cancellation_reason = CPRStatus.CANCELLED, now, reason
    cancelled = events.CPRCancelled(cpr_id=cpr.id, farmer_id=cpr.farmer_id, reason=reason)
    outbox.record(session, cancelled, occurred_at=now)


async def cancel_with_offering(session: AsyncSession, cpr_id: UUID, *, now: datetime) -> CPR:
    """
    Cancel the CPR whose offering was cancelled.

    Raises NotYet for a CPR that is not registered as far as we know: its offering came from a registration that is
    on its way to us as well.
    """
    cpr = await rows.lock_cpr(session, cpr_id)
    if cpr is None or cpr.registered_at is None:
        raise NotYet(f"CPR {cpr_id} is not registered yet")
    if not cpr.is_any_of(CPRStatus.CANCELLED):
        cancel(session, cpr, reason="the offering was cancelled", now=now)
    return cpr
