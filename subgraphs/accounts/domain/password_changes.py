"""Choosing a new password: knowing the old one, or holding a link that only the mailbox has."""

import secrets
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import alerts, attempts, devices, personal_data, reauthentication, sessions, telling
from subgraphs.accounts.domain.even_time import even_time
from subgraphs.accounts.domain.letters import Letter
from subgraphs.accounts.domain.messages import queue_letter
from subgraphs.accounts.domain.refusals import InvalidResetToken
from subgraphs.accounts.domain.registration import token_hash
from subgraphs.accounts.models.vocabulary import SessionEnd
from subgraphs.accounts.schemas.commands import Origin
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id


async def change_password(services: Services, *, actor: Identity, present: str, new: str) -> int:
    """
    Replace the password and end every other session, whose holder may be the reason for the change; how many.

    Links that were sent to reset the old password are void. Refuses with what `verify_password` refuses.
    """
    known = await reauthentication.verify_password(services, present, actor=actor)
    # Hashed once the present password is known to be right: a guess costs one comparison, and is counted before it.
    new_hash = await services.passwords.hash(new)
    now = services.clock.now()
    async with reauthentication.still_confirmed(services, known, actor=actor) as (session, user):
        user.password_hash = new_hash
        user.password_changed_at = now
        await crud.confirmations.void_resets(session, user.id, now=now)
        ended = await crud.sessions.end_sessions(
            session,
            user.id,
            now=now,
            reason=SessionEnd.PASSWORD_CHANGED,
            except_id=sessions.session_id_of(actor=actor),
        )
        await telling.tell_sessions_ended(session, services, user.id, ended, now=now)
        await alerts.raise_alert(session, services, user, "PASSWORD_CHANGED", now=now)
    return len(ended)


async def request_reset(services: Services, email: str, *, origin: Origin) -> None:
    """
    Send a reset link to the e-mail, if it is somebody's. The answer does not tell, nor does its duration.

    Refuses with TooManyAttempts.
    """
    async with even_time(services):
        key = personal_data.email_key(email)
        counters = attempts.of_messages(services, email=key, address=origin.address)
        await attempts.spend_attempt(services, counters)
        async with services.database.begin() as session:
            user = await crud.users.find_user_by_email(session, key)
            if user is not None and user.email is not None:
                send_reset_link(session, services, user, Letter.RESET_PASSWORD, to=user.email)


def send_reset_link(session: AsyncSession, services: Services, user: models.User, letter: Letter, *, to: str) -> None:
    """Send *letter* to the address *to*, with a link that lets its reader choose *user*'s password."""
    now = services.clock.now()
    token = secrets.token_urlsafe(32)
    session.add(
        models.PasswordReset(
            id=new_id(),
            user_id=user.id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + timedelta(seconds=services.settings.reset_link_seconds),
        )
    )
    link = f"{services.settings.frontend_url}/senha?token={token}"
    name = personal_data.first_name(user.display_name)
    queue_letter(session, services, letter, to=to, name=name, link=link, token=token)


async def reset_password(services: Services, *, token: str, new: str, origin: Origin) -> None:
    """
    Replace the password of whoever the link was sent to: within the hour, once, and no other link afterwards.

    Every session ends, no device is known any more, and the account is no longer slowed down: its owner was the one
    kept out. Holding the link proves that the mailbox is theirs. A second factor stays. Links that are tried are
    counted by address. Refuses with TooManyAttempts, InvalidResetToken.
    """
    counters = attempts.of_address(services, origin.address)
    await attempts.spend_attempt(services, counters)
    async with services.database.read() as session:
        if not await crud.confirmations.is_open_reset(session, token_hash(token), now=services.clock.now()):
            raise InvalidResetToken
    new_hash = await services.passwords.hash(new)
    now = services.clock.now()
    async with services.database.begin() as session:
        reset = await crud.confirmations.lock_reset(session, token_hash(token))
        if reset is None or reset.used_at is not None or now >= reset.expires_at:
            raise InvalidResetToken
        user = await crud.users.lock_user(session, reset.user_id)
        if user is None or user.email_key is None:
            raise InvalidResetToken
        user.password_hash = new_hash
        user.password_changed_at = now
        user.email_confirmed_at = user.email_confirmed_at or now
        await crud.confirmations.void_resets(session, user.id, now=now)
        ended = await crud.sessions.end_sessions(session, user.id, now=now, reason=SessionEnd.PASSWORD_CHANGED)
        await telling.tell_sessions_ended(session, services, user.id, ended, now=now)
        await attempts.forgive(session, counters)
        slowed_down = attempts.of_stranger(services, email=user.email_key, address=origin.address)
        await attempts.forget(session, [counter for counter in slowed_down if counter.kind != attempts.ADDRESS])
        await crud.devices.delete_unlock(session, devices.account_key(services, user.email_key))
        await crud.devices.delete_devices_of(session, user.id)
        await alerts.raise_alert(session, services, user, "PASSWORD_RESET", now=now)
