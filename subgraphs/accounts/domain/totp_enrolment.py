"""Putting a second factor in place, taking it away, and the recovery codes that go with it."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

import pyotp
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import alerts, attempts, reauthentication, sessions
from subgraphs.accounts.domain.refusals import InvalidSecondFactor, SessionEnded, TotpAlreadyEnabled, TotpNotEnabled
from subgraphs.accounts.domain.second_factors import accept, recovery_code_hash, require
from subgraphs.shared.identity import Identity

ISSUER_NAME = "Peerseed"
RECOVERY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without characters that look like others."""
RECOVERY_CODE_CHARACTERS = 10
"""Fifty bits: with guesses slowed down, out of reach."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator app needs to know; shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    """`otpauth://totp/…`, usually shown as a QR code."""


async def enable_totp(services: Services, *, actor: Identity, password: str) -> Enrolment:
    """
    Make a secret for the person's app; it counts only once `confirm_totp` has seen a code of it.

    Asking again before that gives a new secret. Refuses with TotpAlreadyEnabled and what `confirmed_person` refuses.
    """
    secret = pyotp.random_base32()
    async with reauthentication.confirmed_person(services, password, actor=actor) as (session, user):
        factor = await crud.second_factors.lock_second_factor(session, user.id)
        if factor is not None and factor.confirmed_at is not None:
            raise TotpAlreadyEnabled
        sealed = services.vault.seal(secret.encode(), use="totp", place=user.id)
        if factor is None:
            factor = models.SecondFactor(user_id=user.id, created_at=services.clock.now(), last_step=0)
            session.add(factor)
        factor.secret_sealed = sealed
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.email or "", issuer_name=ISSUER_NAME)
    return Enrolment(secret, uri)


async def confirm_totp(services: Services, code: str, *, actor: Identity) -> list[str]:
    """
    Put the second factor in place: the app has shown the right code. Answers the recovery codes, shown once.

    Guesses count like those of the password. Refuses with TooManyAttempts, SessionEnded, TotpNotEnabled (nothing to
    confirm), TotpAlreadyEnabled, InvalidSecondFactor.
    """
    counters = reauthentication.counters_of(services, actor=actor)
    await attempts.spend_attempt(services, counters)
    async with services.database.begin() as session:
        await sessions.require_live_session(session, services, actor=actor)
        user = await crud.users.lock_user(session, actor.user_id)
        if user is None or user.closed_at is not None:
            raise SessionEnded
        factor = await crud.second_factors.lock_second_factor(session, actor.user_id)
        if factor is None:
            raise TotpNotEnabled
        if factor.confirmed_at is not None:
            raise TotpAlreadyEnabled
        if not accept(services, factor, code):
            raise InvalidSecondFactor
        await attempts.forgive(session, counters)
        factor.confirmed_at = services.clock.now()
        codes = await _replace_recovery_codes(session, services, actor.user_id)
        await alerts.raise_alert(session, services, user, "TOTP_ENABLED", now=factor.confirmed_at)
    return codes


async def disable_totp(
    services: Services, *, actor: Identity, password: str, totp_code: str | None, recovery_code: str | None
) -> None:
    """Remove the second factor; needs the password and a code. Refuses with TotpNotEnabled and like `require`."""
    async with reauthentication.confirmed_person(services, password, actor=actor) as (session, user):
        factor = await crud.second_factors.lock_second_factor(session, user.id)
        if factor is None or factor.confirmed_at is None:
            raise TotpNotEnabled
        await require(session, services, user, totp_code=totp_code, recovery_code=recovery_code)
        await crud.second_factors.delete_second_factor(session, user.id)
        await alerts.raise_alert(session, services, user, "TOTP_DISABLED", now=services.clock.now())


async def replace_recovery_codes(services: Services, *, actor: Identity, password: str, totp_code: str) -> list[str]:
    """New recovery codes; the earlier ones are void. Refuses with TotpNotEnabled and like `require`."""
    async with reauthentication.confirmed_person(services, password, actor=actor) as (session, user):
        factor = await crud.second_factors.lock_second_factor(session, user.id)
        if factor is None or factor.confirmed_at is None:
            raise TotpNotEnabled
        await require(session, services, user, totp_code=totp_code, recovery_code=None)
        return await _replace_recovery_codes(session, services, user.id)


async def _replace_recovery_codes(session: AsyncSession, services: Services, user_id: UUID) -> list[str]:
    await crud.second_factors.delete_recovery_codes(session, user_id)
    codes = [_new_code() for _ in range(services.settings.recovery_code_count)]
    session.add_all(
        models.RecoveryCode(user_id=user_id, code_hash=recovery_code_hash(services, user_id, code)) for code in codes
    )
    return codes


def _new_code() -> str:
    characters = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_CODE_CHARACTERS))
    return f"{characters[:5]}-{characters[5:]}"
