"""
Whether somebody is on a list of people under sanctions, or of politically exposed ones (PEP).

    proved identity ──▶ looked up ──▶ nothing ──────────────────────────▶ VERIFIED
                            └──▶ an entry may be them: OPEN ─analyst─▶ CLEARED · CONFIRMED
    verified ──newer lists──▶ looked up again

Nobody is verified while an entry waits, or while one of sanctions is theirs. Who is verified and may be under sanctions
is locked out at once, since the law allows no day (Lei 13.810/2019 art. 6); an analyst's word that it is somebody else
lets them in again. A politically exposed person may use the product: that somebody has looked is what the rules ask
(Circular BCB 3.978/2020 art. 27).
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import companies, locking_out, registration
from subgraphs.accounts.domain.refusals import (
    OwnIdentityCheck,
    ScreeningHitAlreadyDecided,
    ScreeningHitNotFound,
)
from subgraphs.accounts.models.vocabulary import AuditAction, HitStatus, IdentityStatus, ScreeningList
from subgraphs.accounts.ports.screener import Screened, Subject
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import one_by_one
from subgraphs.shared.refusal import InvalidInput

JOB = "look people up on newer lists"
PAGE = 100
REASON_CHARACTERS_MAX = 500


class HitDecision(StrEnum):
    """What an analyst finds of an entry."""

    CLEAR = "CLEAR"
    """It is somebody else."""
    CONFIRM = "CONFIRM"
    """It is them."""


async def look_up(services: Services, user: models.User) -> Screened:
    """What the newest lists have on *user*. Raises ScreenerUnavailable; not to be called inside a transaction."""
    subject = Subject(
        full_name=user.full_name or "",
        tax_id=companies.cnpj_of(services, user) or registration.cpf_of(services, user) or "",
        birth_date=user.birth_date,
    )
    return await services.screener.screen(subject)


async def record(
    session: AsyncSession, services: Services, user: models.User, screened: Screened, *, now: datetime
) -> bool:
    """
    Keep what was found of the locked *user*; whether it keeps them from being verified.

    An entry that was found before stays as it was decided. One of sanctions locks a verified person out.
    """
    await crud.screenings.keep_screening(session, user.id, list_date=screened.list_date, now=now)
    for match in screened.matches:
        locks_out = (
            match.kind is ScreeningList.SANCTIONS
            and user.identity_status == IdentityStatus.VERIFIED
            and user.suspended_at is None
        )
        added = await crud.screenings.add_hit(
            session,
            id=(hit_id := new_id()),
            user_id=user.id,
            kind=match.kind,
            list_name=match.list_name,
            entry=match.entry,
            list_date=screened.list_date,
            found_at=now,
            locked_out_at=now if locks_out else None,
            status=HitStatus.OPEN,
        )
        if not added:
            continue
        where = f"{match.list_name} {match.entry}"
        _write_down(session, user.id, hit_id, AuditAction.SCREENING_HIT, actor_id=None, reason=where, now=now)
        if locks_out:
            await locking_out.lock_out(session, services, user, actor_id=None, reason=where, now=now)
    return await keeps_out(session, user.id)


async def keeps_out(session: AsyncSession, user_id: UUID) -> bool:
    """Whether somebody is not to be verified: an entry waits for a decision, or one of sanctions is theirs."""
    hits = await crud.screenings.list_standing_hits(session, user_id)
    return any(hit.status == HitStatus.OPEN or hit.kind == ScreeningList.SANCTIONS for hit in hits)


async def screen_again(services: Services) -> int:
    """
    Look verified people up who were not on the newest lists' day; how many.

    Each is kept by itself, so a run that ends early is gone on with by the next. Raises ScreenerUnavailable where
    nobody says of which day the newest lists are.
    """
    list_date = await services.screener.find_list_date()
    screened, after = 0, None

    async def look_up_again(person: models.User) -> None:
        found = await look_up(services, person)
        async with services.database.begin() as session:
            user = await crud.users.lock_user(session, person.id)
            if user is not None and user.closed_at is None:
                await record(session, services, user, found, now=services.clock.now())

    while True:
        async with services.database.read() as session:
            due = await crud.screenings.list_due(session, list_date=list_date, after=after, limit=PAGE)
        screened += await one_by_one(JOB, due, look_up_again, name=lambda person: person.id)
        if len(due) < PAGE:
            return screened
        after = due[-1].id


async def decide_hit(
    services: Services, *, actor: Identity, hit_id: UUID, decision: HitDecision, reason: str
) -> models.ScreeningHit:
    """
    An analyst's word on an entry: it is somebody else, or it is them.

    Clearing lets in again whom an entry locked out, unless another stands; confirming sanctions locks out. Refuses
    with InvalidInput (no reason), ScreeningHitNotFound, OwnIdentityCheck, ScreeningHitAlreadyDecided.
    """
    tidy = " ".join(reason.split())
    if not 1 <= len(tidy) <= REASON_CHARACTERS_MAX:
        raise InvalidInput(
            field="reason",
            reason=f"must have 1 to {REASON_CHARACTERS_MAX} characters",
            reason_pt=f"Informe o motivo, com até {REASON_CHARACTERS_MAX} caracteres.",
        )
    now = services.clock.now()
    async with services.database.begin() as session:
        # The person first, as whoever records what was found takes them.
        user_id = await crud.screenings.find_whose(session, hit_id)
        user = None if user_id is None else await crud.users.lock_user(session, user_id)
        hit = await crud.screenings.lock_hit(session, hit_id)
        if hit is None or user is None:
            raise ScreeningHitNotFound
        represented = await crud.representations.find_open(session, company_id=user.id, person_id=actor.user_id)
        if user.id == actor.user_id or represented is not None:
            raise OwnIdentityCheck
        if hit.decided_at is not None:
            raise ScreeningHitAlreadyDecided(decided_at=hit.decided_at)
        is_them = decision is HitDecision.CONFIRM
        if is_them and hit.kind == ScreeningList.SANCTIONS and user.suspended_at is None and user.closed_at is None:
            await locking_out.lock_out(session, services, user, actor_id=actor.user_id, reason=tidy, now=now)
            hit.locked_out_at = now
        hit.status = HitStatus.CONFIRMED if is_them else HitStatus.CLEARED
        hit.decided_at, hit.decided_by, hit.reason = now, actor.user_id, tidy
        action = AuditAction.SCREENING_CONFIRMED if is_them else AuditAction.SCREENING_CLEARED
        _write_down(session, user.id, hit.id, action, actor_id=actor.user_id, reason=tidy, now=now)
        await session.flush()
        # Of several entries found at once one locked them out: whichever is cleared last lets them in.
        was_by_one = await crud.screenings.has_locked_out(session, user.id, at=user.suspended_at)
        if not is_them and was_by_one and not await crud.screenings.is_blocked(session, user.id):
            await locking_out.let_in(session, user, actor_id=actor.user_id, reason=tidy, now=now)
    return hit


def _write_down(
    session: AsyncSession,
    user_id: UUID,
    hit_id: UUID,
    action: AuditAction,
    *,
    actor_id: UUID | None,
    reason: str,
    now: datetime,
) -> None:
    session.add(
        models.AuditEntry(
            id=new_id(),
            occurred_at=now,
            actor_id=actor_id,
            action=action,
            user_id=user_id,
            subject_id=hit_id,
            reason=reason,
        )
    )
