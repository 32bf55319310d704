"""Asking for the password again before something grave is done with a token that might be somebody else's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import attempts, sessions
from subgraphs.accounts.domain.refusals import SessionEnded, WrongPassword
from subgraphs.shared.identity import Identity


async def verify_password(services: Services, password: str, *, actor: Identity) -> models.User:
    """
    The person, as they were when their password was found to be right.

    Guesses are counted before they are verified, for the person and for the session; not with strangers' failures to
    sign in, which must not keep the owner from anything. Refuses with TooManyAttempts, WrongPassword, SessionEnded.
    """
    async with services.database.read() as session:
        known = await crud.users.find_user(session, actor.user_id)
    if known is None or known.email_key is None:
        raise SessionEnded
    await attempts.spend_attempt(services, counters_of(services, actor=actor))
    if not await services.passwords.verify(known.password_hash, password):
        raise WrongPassword
    return known


def counters_of(services: Services, *, actor: Identity) -> list[attempts.Counted]:
    """What proving oneself with *actor*'s token is counted on."""
    session_id = sessions.session_id_of(actor=actor)
    return attempts.of_person(services, user_id=actor.user_id, session_id=session_id)


@asynccontextmanager
async def still_confirmed(
    services: Services, known: models.User, *, actor: Identity
) -> AsyncIterator[tuple[AsyncSession, models.User]]:
    """
    A transaction with the person's row locked, if the password is still the one that was verified.

    Refuses with WrongPassword, SessionEnded.
    """
    async with services.database.begin() as session:
        user = await crud.users.lock_user(session, known.id)
        if user is None or user.password_hash != known.password_hash:
            raise WrongPassword
        await sessions.require_live_session(session, services, actor=actor)
        await attempts.forgive(session, counters_of(services, actor=actor))
        yield session, user


@asynccontextmanager
async def confirmed_person(
    services: Services, password: str, *, actor: Identity
) -> AsyncIterator[tuple[AsyncSession, models.User]]:
    """
    A transaction with the person's row locked, once their password is verified and their session found alive.

    Refuses with what `verify_password` refuses.
    """
    known = await verify_password(services, password, actor=actor)
    async with still_confirmed(services, known, actor=actor) as confirmed:
        yield confirmed
