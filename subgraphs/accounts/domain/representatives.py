"""
Who may act for a company: appointed by whoever administers it, with powers and dates, until somebody ends it.

People are locked before the companies that they represent, here as everywhere.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import alerts, telling
from subgraphs.accounts.domain.refusals import (
    LastAdministrator,
    RepresentationNotFound,
    RepresentativeAlreadyAppointed,
    RepresentativeNotEligible,
)
from subgraphs.accounts.models.vocabulary import AuditAction, IdentityStatus, Power, SessionEnd
from subgraphs.accounts.schemas.commands import AppointRepresentative
from subgraphs.shared.clock import business_date
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.refusal import InvalidInput


async def appoint_representative(
    services: Services, command: AppointRepresentative, *, actor: Identity
) -> models.Representation:
    """
    Let somebody else act for the company, too. All its representatives are told, with the link that takes it back.

    Refuses with FreshProofRequired, RepresentationNotFound (who asks does not administer it, or not any more),
    RepresentativeNotEligible, RepresentativeAlreadyAppointed (with other powers or dates; with these it is the answer),
    InvalidInput (dates).
    """
    now = services.clock.now()
    _check_dates(command, today=business_date(now))
    async with services.database.begin() as session:
        await _require_fresh_proof(session, actor=actor, now=now)
        person = await _lock_eligible(session, command.person_id)
        company = await lock_company(session, actor=actor, now=now)
        powers = [power.value for power in command.powers]
        open_one = await crud.representations.find_open(session, company_id=company.id, person_id=person.id)
        if open_one is not None:
            has = (open_one.powers, open_one.valid_from, open_one.valid_until)
            if has == (powers, command.valid_from, command.valid_until):
                return open_one
            raise RepresentativeAlreadyAppointed
        await alerts.raise_alert(session, services, company, "REPRESENTATIVES_CHANGED", now=now)
        representation = models.Representation(
            id=new_id(),
            company_id=company.id,
            person_id=person.id,
            powers=powers,
            valid_from=command.valid_from,
            valid_until=command.valid_until,
            appointed_at=now,
            appointed_by=actor.oneself().user_id,
        )
        session.add(representation)
        write_down(session, AuditAction.REPRESENTATIVE_APPOINTED, representation, by=actor.oneself().user_id, now=now)
    return representation


async def end_representation(services: Services, representation_id: UUID, *, actor: Identity) -> models.Representation:
    """
    Let somebody act for a company no more: asked by who administers it, or by the representative themselves.

    All sessions of theirs end, so that no token with which they act is good any longer. Ended twice is ended once.
    Refuses with RepresentationNotFound, FreshProofRequired (of who administers), LastAdministrator.
    """
    now = services.clock.now()
    async with services.database.read() as session:
        known = await crud.representations.find_representation(session, representation_id)
    if known is None:
        raise RepresentationNotFound
    async with services.database.begin() as session:
        await crud.users.lock_user(session, known.person_id)
        if actor.actor_id is None and actor.user_id == known.person_id:
            company = await crud.users.lock_user(session, known.company_id)
        else:
            company = await lock_company(session, actor=actor, now=now)
            await _require_fresh_proof(session, actor=actor, now=now)
        found = await crud.representations.find_representation(session, representation_id)
        if company is None or found is None or found.company_id != company.id:
            raise RepresentationNotFound
        if found.ended_at is not None:
            return found
        if found.is_lasting_administrator:
            await _require_another(session, company.id, besides=found.person_id)
        await alerts.raise_alert(session, services, company, "REPRESENTATIVES_CHANGED", now=now)
        await end(session, services, found, by=actor.oneself().user_id, now=now)
    return found


async def end(
    session: AsyncSession, services: Services, found: models.Representation, *, by: UUID, now: datetime
) -> None:
    """End *found*, whose person is locked, and every session in which it may have been used."""
    found.ended_at, found.ended_by = now, by
    ended = await crud.sessions.end_sessions(session, found.person_id, now=now, reason=SessionEnd.REPRESENTATION_ENDED)
    await telling.tell_sessions_ended(session, services, found.person_id, ended, now=now)
    write_down(session, AuditAction.REPRESENTATION_ENDED, found, by=by, now=now)


def restore(session: AsyncSession, found: models.Representation, *, by: UUID, now: datetime) -> None:
    """Undo the end of *found*."""
    found.ended_at = found.ended_by = None
    write_down(session, AuditAction.REPRESENTATION_RESTORED, found, by=by, now=now)


async def lock_company(session: AsyncSession, *, actor: Identity, now: datetime) -> models.User:
    """
    The company that *actor* acts for, locked, if they administer it at this moment.

    Refuses with RepresentationNotFound; so it does when nobody acts for anybody.
    """
    person_id = actor.oneself().user_id
    company = None if actor.actor_id is None else await crud.users.lock_user(session, actor.user_id)
    if company is None or company.closed_at is not None:
        raise RepresentationNotFound
    own = await crud.representations.find_open(session, company_id=company.id, person_id=person_id)
    if own is None or not own.holds_on(business_date(now)) or Power.ADMINISTER not in own.powers:
        raise RepresentationNotFound
    return company


async def require_not_last_of_any(session: AsyncSession, person: models.User) -> None:
    """Refuse with LastAdministrator while a company would have nobody left who administers it."""
    for own in await crud.representations.list_of_people(session, [person.id]):
        await crud.users.lock_user(session, own.company_id)
        if own.is_lasting_administrator:
            await _require_another(session, own.company_id, besides=person.id)


async def _require_another(session: AsyncSession, company_id: UUID, *, besides: UUID) -> None:
    others = await crud.representations.list_open(session, company_id)
    if not any(one.is_lasting_administrator and one.person_id != besides for one in others):
        raise LastAdministrator


async def _lock_eligible(session: AsyncSession, person_id: UUID) -> models.User:
    """Whoever may be appointed; that somebody is there at all is told to nobody."""
    person = await crud.users.lock_user(session, person_id)
    if (
        person is None
        or person.is_company
        or person.closed_at is not None
        or person.suspended_at is not None
        or person.identity_status != IdentityStatus.VERIFIED
        or person.staff_roles
    ):
        raise RepresentativeNotEligible
    return person


async def _require_fresh_proof(session: AsyncSession, *, actor: Identity, now: datetime) -> None:
    seconds = await crud.alerts.get_parameter(session, "representatives_fresh_proof_seconds", business_date(now))
    require_fresh_proof(actor, within=timedelta(seconds=seconds))


def _check_dates(command: AppointRepresentative, *, today: date) -> None:
    if command.valid_from < today:
        raise InvalidInput(
            field="validFrom",
            reason="must not be in the past: nobody gets powers for what is done",
            reason_pt="A data de início não pode ser anterior a hoje.",
        )
    if command.valid_until is not None and command.valid_until < command.valid_from:
        raise InvalidInput(
            field="validUntil",
            reason="must not be before validFrom",
            reason_pt="A data final não pode ser anterior à de início.",
        )


def write_down(
    session: AsyncSession, action: AuditAction, representation: models.Representation, *, by: UUID, now: datetime
) -> None:
    """Put on record what *by* did about *representation*."""
    session.add(
        models.AuditEntry(
            id=new_id(),
            occurred_at=now,
            actor_id=by,
            action=action,
            user_id=representation.company_id,
            subject_id=representation.id,
        )
    )
