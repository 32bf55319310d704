"""
Acting for a company: a representative, signed in as themselves, takes a token whose subject is the company.

The token says who acts (`act`, RFC 8693, section 4.1) and belongs to that person's own session, whose last proof it
carries. So whatever ends the session, or locks out either of the two, ends it; and every domain treats the company like
anybody else. It is good for an access token's time, or to the end of the last day of the powers, and is not refreshed.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import access_tokens, sessions
from subgraphs.accounts.domain.access_tokens import ActingToken
from subgraphs.accounts.domain.refusals import (
    AccountSuspended,
    IdentityNotVerified,
    RepresentationNotFound,
    RepresentativeNotEligible,
    SessionEnded,
)
from subgraphs.accounts.models.vocabulary import AuditAction, IdentityStatus
from subgraphs.shared.clock import BRASILIA, business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Acting:
    """A representative at work."""

    company: models.User
    token: ActingToken


async def act_for(services: Services, company_id: UUID, *, actor: Identity) -> Acting:
    """
    Give a representative a token of the company's, and write down that they have it.

    It can do what the company does here and the representative has powers for, less what the asker's own token was
    narrowed by. Refuses with SessionEnded, IdentityNotVerified (the representative's), RepresentationNotFound,
    RepresentativeNotEligible (staff by now), AccountSuspended (the company's).
    """
    now = services.clock.now()
    async with services.database.begin() as session:
        person = await crud.users.lock_user(session, actor.user_id)
        await sessions.require_live_session(session, services, actor=actor)
        session_id = sessions.session_id_of(actor=actor)
        own = await crud.sessions.find_session(session, session_id) if session_id else None
        if person is None or own is None:
            raise SessionEnded
        company, representation = await _represented(session, person, company_id, now=now)
        granted = _not_narrowed(
            person, own, access_tokens.scopes_for_company(company, representation.powers), actor=actor
        )
        if not granted:
            raise RepresentationNotFound
        session.add(
            models.AuditEntry(
                id=new_id(),
                occurred_at=now,
                actor_id=person.id,
                action=AuditAction.ACTED_FOR,
                user_id=company.id,
                subject_id=own.id,
            )
        )
    until = _end_of(representation)
    token = await access_tokens.issue_for_company(services, company, own, granted, until=until)
    return Acting(company, token)


async def _represented(
    session: AsyncSession, person: models.User, company_id: UUID, *, now: datetime
) -> tuple[models.User, models.Representation]:
    representation = await crud.representations.find_open(session, company_id=company_id, person_id=person.id)
    company = await crud.users.find_user(session, company_id)
    if representation is None or not representation.holds_on(business_date(now)):
        raise RepresentationNotFound
    if company is None or company.closed_at is not None:
        raise RepresentationNotFound
    if person.identity_status != IdentityStatus.VERIFIED:
        raise IdentityNotVerified
    if person.staff_roles:
        raise RepresentativeNotEligible
    if company.suspended_at is not None:
        raise AccountSuspended
    return company, representation


def _not_narrowed(
    person: models.User, own: models.Session, granted: tuple[str, ...], *, actor: Identity
) -> tuple[str, ...]:
    """A token narrowed to less than its person may do gives no more for a company either."""
    renounced = set(access_tokens.scopes_of(person)) - actor.scopes
    limit = set(granted if own.scope_limit is None else own.scope_limit.split())
    return tuple(scope for scope in granted if scope in limit and scope not in renounced)


def _end_of(representation: models.Representation) -> datetime | None:
    """The first instant at which the powers are over; None without an end."""
    if representation.valid_until is None:
        return None
    return datetime.combine(representation.valid_until + timedelta(days=1), time.min, tzinfo=BRASILIA)
