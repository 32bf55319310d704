"""
Proving again to be who one is, for what a stolen session must not do (RFC 9470, step-up authentication).

The proof is written into the session and into a new access token as `auth_time` (OpenID Connect Core, section 2), so
that every domain can ask for a fresh one by itself. The refresh token stays as it is.
"""

from dataclasses import dataclass, field
from datetime import datetime

from subgraphs.accounts import crud
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import access_tokens, reauthentication, second_factors, sessions
from subgraphs.accounts.domain.refusals import SessionEnded
from subgraphs.shared.identity import Identity


@dataclass(frozen=True, slots=True)
class Proof:
    """An access token that says that its holder has just proved who they are."""

    proved_at: datetime
    access_token: str = field(repr=False)
    expires_in: int


async def confirm_identity(
    services: Services, *, actor: Identity, password: str, totp_code: str | None, recovery_code: str | None
) -> Proof:
    """
    Take the password, and a code of the second factor where there is one, as a fresh proof for this session.

    The token may do no more than the one that asks. Refuses with what `confirmed_person` and
    `second_factors.require` refuse.
    """
    now = services.clock.now()
    async with reauthentication.confirmed_person(services, password, actor=actor) as (session, user):
        await second_factors.require(session, services, user, totp_code=totp_code, recovery_code=recovery_code)
        session_id = sessions.session_id_of(actor=actor)
        own = await crud.sessions.lock_session(session, session_id) if session_id else None
        if own is None or own.ended_at is not None:
            raise SessionEnded
        own.proved_at = now
    grant = await access_tokens.issue(services, user, own, "", narrowed_to=actor.scopes)
    return Proof(now, grant.access_token, grant.expires_in)
