"""
Confirming that an e-mail or a phone is one's own: by the link or the code that was sent there.

What is confirmed is the contact that the link or code was sent to. So a new address takes the old one's place only
now, and nobody is locked out by a mistyped one.
"""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import alerts, attempts, personal_data
from subgraphs.accounts.domain.accounts import record_profile
from subgraphs.accounts.domain.refusals import InvalidConfirmation
from subgraphs.accounts.domain.registration import code_hash, token_hash
from subgraphs.accounts.models.vocabulary import Channel
from subgraphs.accounts.schemas.commands import Origin


async def confirm_by_link(services: Services, token: str, *, origin: Origin) -> Channel:
    """
    The e-mail that the link was sent to is its holder's.

    A link works once, for two days. Those that are tried are counted by address. Refuses with TooManyAttempts,
    InvalidConfirmation.
    """
    counters = attempts.of_address(services, origin.address)
    await attempts.spend_attempt(services, counters)
    now = services.clock.now()
    try:
        async with services.database.begin() as session:
            confirmation = await crud.confirmations.lock_confirmation_by_secret(session, token_hash(token))
            if confirmation is None or confirmation.channel != Channel.EMAIL or not _is_open(confirmation, now=now):
                raise InvalidConfirmation
            user = await crud.users.lock_user(session, confirmation.user_id)
            if user is None or user.closed_at is not None:
                raise InvalidConfirmation
            confirmation.used_at = now
            await attempts.forgive(session, counters)
            await _take_email(session, services, user, confirmation.contact, now=now)
    except IntegrityError:
        # Somebody else confirmed the same address since the link was sent.
        raise InvalidConfirmation from None
    return Channel.EMAIL


async def _take_email(
    session: AsyncSession, services: Services, user: models.User, email: str, *, now: datetime
) -> None:
    if user.email == email:
        user.email_confirmed_at = user.email_confirmed_at or now
        return
    key = personal_data.email_key(email)
    if await crud.alerts.is_reserved(session, key, now=now, besides=user.id):
        raise InvalidConfirmation
    # While the account still has the old address: it is told there.
    await alerts.raise_alert(session, services, user, "EMAIL_CHANGED", now=now)
    user.email, user.email_key, user.email_confirmed_at = email, key, now
    record_profile(session, user, now=now)


def _take_phone(session: AsyncSession, user: models.User, phone: str, *, now: datetime) -> None:
    if user.phone == phone:
        user.phone_confirmed_at = user.phone_confirmed_at or now
        return
    user.phone, user.phone_confirmed_at = phone, now
    record_profile(session, user, now=now)


async def confirm_by_code(services: Services, code: str, *, email: str, origin: Origin) -> Channel:
    """
    The phone that the code was sent to is its holder's.

    A code works once, for ten minutes, and survives few wrong guesses; guesses are also slowed down. Refuses with
    InvalidConfirmation (also for an unknown e-mail) and TooManyAttempts.
    """
    key = personal_data.email_key(email)
    counters = attempts.of_phone_code(services, email=key, address=origin.address)
    await attempts.spend_attempt(services, counters)
    async with services.database.begin() as session:
        user = await crud.users.find_user_by_email(session, key)
        accepted = user is not None and await _try_code(session, services, user.id, code)
        if accepted:
            await attempts.forgive(session, counters)
    # Raised only here: a wrong guess has been counted, and that must stay.
    if not accepted:
        raise InvalidConfirmation
    return Channel.SMS


async def _try_code(session: AsyncSession, services: Services, user_id: UUID, code: str) -> bool:
    now = services.clock.now()
    user = await crud.users.lock_user(session, user_id)
    confirmation = await crud.confirmations.lock_newest_confirmation(session, user_id, Channel.SMS)
    if user is None or confirmation is None or not _is_open(confirmation, now=now):
        return False
    if confirmation.tries >= services.settings.confirmation_code_tries:
        return False
    confirmation.tries += 1
    if not secrets.compare_digest(confirmation.secret_hash, code_hash(services, user_id, code)):
        return False
    confirmation.used_at = now
    _take_phone(session, user, confirmation.contact, now=now)
    return True


def _is_open(confirmation: models.Confirmation, *, now: datetime) -> bool:
    return confirmation.used_at is None and now < confirmation.expires_at
