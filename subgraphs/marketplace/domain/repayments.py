"""Our copy of how a CPR is repaid, for the progress of investments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.crud import installments
from subgraphs.marketplace.schemas import events
from subgraphs.shared.messaging.reactions import NotYet


async def keep_schedule(session: AsyncSession, activated: events.CPRActivated) -> None:
    """Keep the final schedule of a CPR; the first one told stays."""
    await installments.keep_schedule(
        session,
        (
            {
                "id": line.installment_id,
                "cpr_id": activated.cpr_id,
                "number": line.number,
                "due_on": line.due_on,
                "principal_minor": line.principal_minor,
                "interest_minor": line.interest_minor,
                "amount_minor": line.amount_minor,
            }
            for line in activated.installments
        ),
    )


async def note_payment(session: AsyncSession, installment_id: UUID, paid_at: datetime) -> None:
    """Note that an installment is paid. Raises NotYet before the schedule is known here."""
    installment = await installments.lock_installment(session, installment_id)
    if installment is None:
        raise NotYet(f"installment {installment_id} is not known here")
    installment.paid_at = installment.paid_at or paid_at
