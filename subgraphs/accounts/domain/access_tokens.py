"""Access tokens: JWTs (RFC 7519) that every service verifies by itself, good for ten minutes."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import jwt

from subgraphs.accounts import models
from subgraphs.accounts.core.services import AccountsServices
from subgraphs.accounts.domain.signing_keys import ALGORITHM
from subgraphs.accounts.models.vocabulary import Profile, StaffRole
from subgraphs.shared import scopes

_SCOPE_OF = {
    Profile.FARMER: scopes.FARMER,
    Profile.INVESTOR: scopes.INVESTOR,
    StaffRole.ANALYST: scopes.ANALYST,
    StaffRole.ADMIN: scopes.ADMIN,
}
ALL_SCOPES = (scopes.SIGNED_IN, *_SCOPE_OF.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a successful sign-in or refresh gives."""

    user: models.User
    session_id: UUID
    scopes: tuple[str, ...]
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    """Seconds that the access token is good for."""
    device_token: str | None = field(default=None, repr=False)
    """Given at sign-in only: what the device sends along next time, so as not to be taken for a stranger's."""


def scopes_of(user: models.User, *, limit: str | None = None) -> tuple[str, ...]:
    """What *user*'s tokens are good for: by profile and by staff role, at most what *limit* names."""
    held = {scopes.SIGNED_IN, *(_SCOPE_OF[Profile(name)] for name in user.profiles)}
    held |= {_SCOPE_OF[StaffRole(name)] for name in user.staff_roles}
    if limit is not None:
        held &= set(limit.split())
    return tuple(scope for scope in ALL_SCOPES if scope in held)


async def issue(
    services: AccountsServices,
    user: models.User,
    session: models.Session,
    refresh_token: str,
    *,
    narrowed_to: frozenset[str] | None = None,
    device_token: str | None = None,
) -> Grant:
    """The tokens of *session*, signed with the key of the moment. Outside of any transaction: keys are read."""
    signer = await services.key_ring.signer()
    settings, now = services.settings, services.clock.now()
    granted = scopes_of(user, limit=session.scope_limit)
    if narrowed_to is not None:
        granted = tuple(scope for scope in granted if scope in narrowed_to)
    claims = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": str(user.id),
        "scope": " ".join(granted),
        "jti": str(uuid4()),
        "sid": str(session.id),
        "iat": int(now.timestamp()),
        "auth_time": int(session.proved_at.timestamp()),
        "exp": int((now + timedelta(seconds=settings.access_token_seconds)).timestamp()),
    }
    token = jwt.encode(claims, signer.private_key, algorithm=ALGORITHM, headers={"kid": signer.key_id})
    return Grant(
        user=user,
        session_id=session.id,
        scopes=granted,
        access_token=token,
        refresh_token=refresh_token,
        expires_in=settings.access_token_seconds,
        device_token=device_token,
    )
