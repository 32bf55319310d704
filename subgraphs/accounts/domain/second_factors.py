"""
The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when the app is lost.

A code is accepted once: the step of the last accepted one is kept, under a row lock, and nothing up to it counts
again. One step of drift either way is allowed for clocks that differ (RFC 6238, section 5.2).
"""

import hmac
import re
from uuid import UUID

import pyotp
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import alerts
from subgraphs.accounts.domain.refusals import InvalidSecondFactor, SecondFactorRequired

STEP_SECONDS = 30
DRIFT_STEPS = 1


async def require(
    session: AsyncSession,
    services: Services,
    user: models.User,
    *,
    totp_code: str | None,
    recovery_code: str | None,
) -> None:
    """
    Refuse unless *user* has no second factor, or one of the codes is right; then it is used up.

    Refuses with SecondFactorRequired (no code) and InvalidSecondFactor.
    """
    factor = await crud.second_factors.lock_second_factor(session, user.id)
    if factor is None or factor.confirmed_at is None:
        return
    if totp_code is None and recovery_code is None:
        raise SecondFactorRequired
    if totp_code is not None:
        if not accept(services, factor, totp_code):
            raise InvalidSecondFactor
        return
    now = services.clock.now()
    hashed = recovery_code_hash(services, user.id, recovery_code or "")
    if not await crud.second_factors.use_recovery_code(session, user.id, hashed, now=now):
        raise InvalidSecondFactor
    await alerts.raise_alert(session, services, user, "RECOVERY_CODE_USED", now=now)


def accept(services: Services, factor: models.SecondFactor, code: str) -> bool:
    """Whether *code* is right and newer than the last accepted one; if so it is the last from now on."""
    digits = re.sub(r"\s", "", code)
    secret = services.vault.open(factor.secret_sealed, use="totp", place=factor.user_id).decode()
    current = int(services.clock.unmoved().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        expected = totp.generate_otp(step)
        if step > factor.last_step and hmac.compare_digest(expected.encode(), digits.encode()):
            factor.last_step = step
            return True
    return False


def recovery_code_hash(services: Services, user_id: UUID, code: str) -> bytes:
    tidy = re.sub(r"[\s-]", "", code).upper()
    return services.vault.fingerprint(f"{user_id} {tidy}", use="recovery code")
