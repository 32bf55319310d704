"""Asking for the password again before something grave is done with a token that might be somebody else's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import AccountsServices
from subgraphs.accounts.domain import attempts, sessions
from subgraphs.accounts.domain.refusals import SessionEnded, WrongPassword
from subgraphs.accounts.schemas.commands import Origin
from subgraphs.shared.identity import Identity


@asynccontextmanager
async def confirmed_person(
    services: AccountsServices, identity: Identity, password: str, *, origin: Origin
) -> AsyncIterator[tuple[AsyncSession, models.User]]:
    """
    A transaction with the person's row locked, once their password is verified and their session found alive.

    Guesses count like those of signing in. Refuses with TooManyAttempts, WrongPassword, SessionEnded.
    """
    async with services.database.read() as session:
        known = await crud.users.find_user(session, identity.user_id)
    if known is None or known.email_key is None:
        raise SessionEnded
    counters = attempts.counted_for(services, email=known.email_key, address=origin.address)
    await attempts.spend_attempt(services, counters)
    if not await services.passwords.verify(known.password_hash, password):
        raise WrongPassword
    async with services.database.begin() as session:
        user = await crud.users.lock_user(session, known.id)
        if user is None or user.password_hash != known.password_hash:
            raise WrongPassword
        await sessions.require_live_session(session, services, identity)
        await attempts.forgive(session, counters)
        yield session, user
