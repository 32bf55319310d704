"""What remains of an account that is closed, or was never made good: an id, dates and a neutral name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.models.vocabulary import SessionEnd

CLOSED_DISPLAY_NAME = "Conta encerrada"


async def erase(session: AsyncSession, user: models.User, *, by: UUID, now: datetime) -> None:
    """Leave of *user* only what is not personal; nobody acts for them any more, nor they for anybody."""
    await crud.representations.end_all_of(session, user.id, by=by, now=now)
    await crud.sessions.end_sessions(session, user.id, now=now, reason=SessionEnd.ACCOUNT_CLOSED)
    await crud.second_factors.delete_second_factor(session, user.id)
    await crud.devices.delete_devices_of(session, user.id)
    await crud.confirmations.delete_links_of(session, user.id)
    await crud.alerts.delete_alerts_of(session, user.id)
    await crud.identity_checks.erase_uploads_of(session, user.id, now=now)
    await crud.identity_checks.close_checks_of(session, user.id, now=now)
    user.display_name = CLOSED_DISPLAY_NAME
    user.full_name = user.email = user.email_key = user.phone = user.birth_date = None
    user.cpf_fingerprint = user.cpf_sealed = user.cnpj_fingerprint = user.cnpj_sealed = user.password_hash = None
    user.email_confirmed_at = user.phone_confirmed_at = user.password_changed_at = None
    user.profiles, user.staff_roles = [], []
    user.identity_status = models.IdentityStatus.NOT_STARTED
    user.closed_at = now
