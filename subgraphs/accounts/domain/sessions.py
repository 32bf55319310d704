"""
Signing in, staying in, signing out.

A session is a family of refresh tokens, each good for one refresh and replaced by the next. If one comes back that
was used before, two parties hold it, and nobody can tell which of them is the thief; so the family ends for both
(RFC 9700, section 4.14.2).
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import access_tokens, alerts, attempts, devices, personal_data, second_factors, telling
from subgraphs.accounts.domain.access_tokens import Grant
from subgraphs.accounts.domain.refusals import (
    AccountSuspended,
    ContactNotConfirmed,
    InvalidCredentials,
    InvalidRefreshToken,
    ScopeNotGranted,
    SessionEnded,
)
from subgraphs.accounts.domain.registration import token_hash
from subgraphs.accounts.models.vocabulary import SessionEnd
from subgraphs.accounts.schemas.commands import Origin, SignIn
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.refusal import Refusal

USER_AGENT_CHARACTERS_MAX = 300


async def sign_in(services: Services, command: SignIn, *, origin: Origin) -> Grant:
    """
    Begin a session for who knows the password, and has the second factor if there is one.

    The password is verified, as slowly, also when nobody has the e-mail. Everything that says more than "wrong" is
    said only to who knows the password. The device is known from then on. Refuses with TooManyAttempts, UnlockRequired,
    InvalidCredentials, AccountSuspended, ContactNotConfirmed, SecondFactorRequired, InvalidSecondFactor; and with
    ScopeNotGranted when all scopes that are asked for are beyond the person. What is theirs of them is granted.
    """
    key = personal_data.email_key(command.email)
    counters = await devices.count_sign_in(services, command, key=key, origin=origin)
    async with services.database.read() as session:
        known = await crud.users.find_user_by_email(session, key)
    known_hash = known.password_hash if known else None
    matches = await services.passwords.verify(known_hash, command.password)
    if not matches or known is None or known_hash is None:
        raise InvalidCredentials
    better_hash = None
    if services.passwords.is_outdated(known_hash):
        better_hash = await services.passwords.hash(command.password)
    async with services.database.begin() as session:
        user = await crud.users.lock_user(session, known.id)
        # Between reading and locking, the password may have been changed: it is the old one that was verified.
        if user is None or user.password_hash != known_hash:
            raise InvalidCredentials
        if user.suspended_at is not None:
            raise AccountSuspended
        if not user.is_confirmed:
            raise ContactNotConfirmed
        await second_factors.require(
            session, services, user, totp_code=command.totp_code, recovery_code=command.recovery_code
        )
        granted = _narrowed(user, command.scopes)
        if better_hash is not None:
            user.password_hash = better_hash
        await attempts.forgive(session, counters)
        if command.unlock_code is not None:
            await crud.devices.delete_unlock(session, devices.account_key(services, key))
        device_token = await devices.remember(session, services, user.id, command.device_token)
        opened, refresh_token = await _open_session(session, services, user, origin=origin, scope_limit=granted)
    return await access_tokens.issue(services, user, opened, refresh_token, device_token=device_token)


def _narrowed(user: models.User, asked_for: frozenset[str] | None) -> str | None:
    """
    What a session that asks for fewer scopes is granted; None where it may have whatever the person has.

    A session never gets more than it was granted at first, also when the person gets it later (RFC 6749, section 6).
    """
    if asked_for is None:
        return None
    granted = access_tokens.scopes_of(user, limit=" ".join(asked_for))
    if not granted:
        raise ScopeNotGranted
    return " ".join(granted)


async def _open_session(
    session: AsyncSession,
    services: Services,
    user: models.User,
    *,
    origin: Origin,
    scope_limit: str | None,
) -> tuple[models.Session, str]:
    now = services.clock.now()
    open_sessions = await crud.sessions.list_open_sessions(session, user.id)
    surplus = open_sessions[: max(0, len(open_sessions) - services.settings.sessions_max + 1)]
    await end(session, services, *surplus, now=now, reason=SessionEnd.TOO_MANY)
    opened = models.Session(
        id=new_id(),
        user_id=user.id,
        created_at=now,
        last_used_at=now,
        proved_at=now,
        address=origin.address,
        user_agent=origin.user_agent[:USER_AGENT_CHARACTERS_MAX] if origin.user_agent else None,
        scope_limit=scope_limit,
    )
    session.add(opened)
    await session.flush()
    return opened, _add_token(session, opened.id, now=now)


def _add_token(session: AsyncSession, session_id: UUID, *, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(models.RefreshToken(token_hash=token_hash(token), session_id=session_id, issued_at=now))
    return token


async def end(
    session: AsyncSession, services: Services, *session_rows: models.Session, now: datetime, reason: SessionEnd
) -> None:
    """End sessions of one person, which are locked, and tell everybody that their tokens are good no more."""
    for row in session_rows:
        row.ended_at = now
        row.end_reason = reason
    if session_rows:
        ended = [row.id for row in session_rows]
        await telling.tell_sessions_ended(session, services, session_rows[0].user_id, ended, now=now)


def end_of_life(services: Services, session_row: models.Session, *, now: datetime) -> SessionEnd | None:
    """Why the session must not go on although nobody ended it; None when it may."""
    if now - session_row.last_used_at >= timedelta(seconds=services.settings.session_idle_seconds):
        return SessionEnd.IDLE
    if now - session_row.created_at >= timedelta(days=services.settings.session_days_max):
        return SessionEnd.TOO_OLD
    return None


async def refresh(services: Services, token: str, *, scopes: frozenset[str] | None = None) -> Grant:
    """
    Give new tokens for an unused refresh token.

    Of two refreshes at once with one token, one gets its tokens and the other finds the token used; it cannot be
    told from theft, so it ends the session. *scopes* may ask for less than the session has, for this access token
    only (RFC 6749, section 6). Refuses with InvalidRefreshToken, SessionEnded, AccountSuspended, ScopeNotGranted.
    """
    async with services.database.begin() as session:
        redeemed = await _redeem(session, services, token, scopes=scopes)
    # Raised only here: that the session has ended must stay.
    if isinstance(redeemed, Refusal):
        raise redeemed
    user, session_row, new_token = redeemed
    return await access_tokens.issue(services, user, session_row, new_token, narrowed_to=scopes)


async def _redeem(
    session: AsyncSession, services: Services, token: str, *, scopes: frozenset[str] | None
) -> tuple[models.User, models.Session, str] | Refusal:
    now = services.clock.now()
    spent = await crud.sessions.lock_refresh_token(session, token_hash(token))
    if spent is None:
        return InvalidRefreshToken()
    session_row = await crud.sessions.lock_session(session, spent.session_id)
    assert session_row is not None  # noqa: S101  # a foreign key says so
    if session_row.ended_at is not None:
        return SessionEnded()
    user = await crud.users.find_user(session, session_row.user_id)
    assert user is not None  # noqa: S101  # a foreign key says so
    if spent.used_at is not None:
        await end(session, services, session_row, now=now, reason=SessionEnd.REFRESH_TOKEN_REUSED)
        await alerts.raise_alert(session, services, user, "REFRESH_TOKEN_REUSED", now=now)
        return InvalidRefreshToken()
    if (reason := end_of_life(services, session_row, now=now)) is not None:
        await end(session, services, session_row, now=now, reason=reason)
        return SessionEnded()
    if user.suspended_at is not None:
        return AccountSuspended()
    held = access_tokens.scopes_of(user, limit=session_row.scope_limit)
    if not held:
        # All that the session was for has been taken from the person since.
        await end(session, services, session_row, now=now, reason=SessionEnd.NOTHING_LEFT)
        return SessionEnded()
    if scopes is not None and not scopes.issubset(held):
        return ScopeNotGranted()
    spent.used_at = now
    session_row.last_used_at = now
    return user, session_row, _add_token(session, session_row.id, now=now)


async def sign_out(services: Services, *, actor: Identity) -> None:
    """End the session that *actor*'s token belongs to; harmless when it has ended."""
    session_id = session_id_of(actor=actor)
    if session_id is not None:
        await end_session(services, session_id, user_id=actor.user_id)


async def end_session(services: Services, session_id: UUID, *, user_id: UUID) -> bool:
    """End one of the person's own sessions; False when they have no such open session."""
    async with services.database.begin() as session:
        session_row = await crud.sessions.lock_session(session, session_id)
        if session_row is None or session_row.user_id != user_id or session_row.ended_at is not None:
            return False
        await end(session, services, session_row, now=services.clock.now(), reason=SessionEnd.SIGNED_OUT)
    return True


async def revoke_token(services: Services, token: str) -> None:
    """End the session of a refresh token (RFC 7009); an unknown token is no error there."""
    async with services.database.read() as session:
        known = await crud.sessions.find_refresh_token(session, token_hash(token))
        session_row = await crud.sessions.find_session(session, known.session_id) if known else None
    if session_row is not None:
        await end_session(services, session_row.id, user_id=session_row.user_id)


def session_id_of(*, actor: Identity) -> UUID | None:
    try:
        return UUID(actor.session_id or "")
    except ValueError:
        return None


async def require_live_session(session: AsyncSession, services: Services, *, actor: Identity) -> None:
    """
    Refuse with SessionEnded unless the token's session goes on.

    That a session has ended is told to everybody at once, but a message takes its moment, and nobody tells that one
    was idle for too long. What is grave (password, second factor, closing the account) asks here besides.
    """
    session_id = session_id_of(actor=actor)
    session_row = await crud.sessions.find_session(session, session_id) if session_id else None
    if session_row is None or session_row.user_id != actor.user_id or session_row.ended_at is not None:
        raise SessionEnded
    if end_of_life(services, session_row, now=services.clock.now()) is not None:
        raise SessionEnded
