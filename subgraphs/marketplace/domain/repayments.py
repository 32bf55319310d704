"""Our copy of how a CPR is repaid, for the progress of investments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models
from subgraphs.marketplace.crud import installments
from subgraphs.marketplace.schemas import heard
from subgraphs.shared.messaging.reactions import NotYet


async def keep_schedule(session: AsyncSession, activated: heard.CPRActivated | heard.CPRRenegotiated) -> None:
    """Keep the schedule of a CPR, as it was signed or renegotiated; the first one told stays."""
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
                "carried_late_minor": line.carried_late_minor,
                "settled_minor": 0,
                "payment_count": 0,
            }
            for line in activated.installments
        ),
    )


async def replace_schedule(session: AsyncSession, renegotiated: heard.CPRRenegotiated, *, at: datetime) -> None:
    """Keep a new schedule, and that nothing more is to come of the old one's. Raises NotYet before that is known."""
    for installment_id in sorted(renegotiated.replaced_installment_ids):
        (await _lock(session, installment_id)).replaced_at = at
    await keep_schedule(session, renegotiated)


async def note_payment(session: AsyncSession, paid: heard.InstallmentPaid) -> None:
    """Note that an installment is paid. Raises NotYet before the schedule is known here."""
    installment = await _lock(session, paid.installment_id)
    installment.paid_at = installment.paid_at or paid.paid_at
    installment.payment_count = max(installment.payment_count, paid.payment_number)


async def note_part(session: AsyncSession, paid: heard.InstallmentPartlyPaid) -> None:
    """Note what is open of an installment. Raises NotYet before the schedule is known here."""
    installment = await _lock(session, paid.installment_id)
    installment.settled_minor = max(installment.settled_minor, paid.settled_minor)
    installment.payment_count = max(installment.payment_count, paid.payment_number)


async def _lock(session: AsyncSession, installment_id: UUID) -> models.Installment:
    installment = await installments.lock_installment(session, installment_id)
    if installment is None:
        raise NotYet(f"installment {installment_id} is not known here")
    return installment
