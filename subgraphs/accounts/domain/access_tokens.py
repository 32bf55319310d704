"""Access tokens: JWTs (RFC 7519) that every service verifies by itself, good for ten minutes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from subgraphs.accounts import models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain.signing_keys import ALGORITHM, Signer
from subgraphs.accounts.models.vocabulary import Power, Profile, StaffRole
from subgraphs.shared import scopes

_SCOPE_OF: dict[str, str] = {
    Profile.FARMER: scopes.FARMER,
    Profile.INVESTOR: scopes.INVESTOR,
    StaffRole.ANALYST: scopes.ANALYST,
    StaffRole.ADMIN: scopes.ADMIN,
}
ALL_SCOPES = (scopes.SIGNED_IN, *_SCOPE_OF.values(), scopes.APPROVER)
_SCOPE_BY_POWER = {
    Power.ADMINISTER: scopes.SIGNED_IN,
    Power.BORROW: scopes.FARMER,
    Power.INVEST: scopes.INVESTOR,
}


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
    if StaffRole.ADMIN in user.staff_roles:
        held.add(scopes.APPROVER)
    if limit is not None:
        held &= set(limit.split())
    return tuple(scope for scope in ALL_SCOPES if scope in held)


async def issue(
    services: Services,
    user: models.User,
    session: models.Session,
    refresh_token: str,
    *,
    narrowed_to: frozenset[str] | None = None,
    device_token: str | None = None,
) -> Grant:
    """The tokens of *session*, signed with the key of the moment. Outside of any transaction: keys are read."""
    signer = await services.key_ring.signer()
    granted = scopes_of(user, limit=session.scope_limit)
    if narrowed_to is not None:
        granted = tuple(scope for scope in granted if scope in narrowed_to)
    life = timedelta(seconds=services.settings.access_token_seconds)
    claims = _claims(services, user.id, session, granted, life=life)
    return Grant(
        user=user,
        session_id=session.id,
        scopes=granted,
        access_token=_signed(signer, claims),
        refresh_token=refresh_token,
        expires_in=services.settings.access_token_seconds,
        device_token=device_token,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingToken:
    """What lets somebody act for a company, for as long as an access token is good. Nothing refreshes it."""

    scopes: tuple[str, ...]
    expires_in: int
    access_token: str = field(repr=False)


def scopes_for_company(company: models.User, powers: Iterable[str]) -> tuple[str, ...]:
    """What acting for *company* with *powers* is good for: what the company does here and its representative may."""
    held = set(scopes_of(company)) & {_SCOPE_BY_POWER[Power(power)] for power in powers}
    return tuple(scope for scope in ALL_SCOPES if scope in held)


async def issue_for_company(
    services: Services,
    company: models.User,
    session: models.Session,
    granted: tuple[str, ...],
    *,
    until: datetime | None,
) -> ActingToken:
    """A token of the company's that says who acts by it, of that person's *session*; not beyond *until*."""
    signer = await services.key_ring.signer()
    life = timedelta(seconds=services.settings.access_token_seconds)
    life = life if until is None else min(life, until - services.clock.now())
    claims = _claims(services, company.id, session, granted, life=life)
    return ActingToken(
        scopes=granted,
        expires_in=int(life.total_seconds()),
        access_token=_signed(signer, {**claims, "act": {"sub": str(session.user_id)}}),
    )


def _signed(signer: Signer, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, signer.private_key, algorithm=ALGORITHM, headers={"kid": signer.key_id})


def _claims(
    services: Services,
    subject: UUID,
    session: models.Session,
    granted: tuple[str, ...],
    *,
    life: timedelta,
) -> dict[str, Any]:
    # Every service compares these with its machine's clock.
    proof_age = services.clock.now() - session.proved_at
    issued_at = services.clock.unmoved()
    return {
        "iss": services.settings.token_issuer,
        "aud": services.settings.token_audience,
        "sub": str(subject),
        "scope": " ".join(granted),
        "jti": str(uuid4()),
        "sid": str(session.id),
        "iat": int(issued_at.timestamp()),
        "auth_time": int((issued_at - proof_age).timestamp()),
        "exp": int((issued_at + life).timestamp()),
    }
