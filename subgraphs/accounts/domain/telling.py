"""
Telling everybody what was decided about a person, a session or a key, in the transaction that decides it.

Our own processes learn it from the rows, with the commit; the other domains from the events, a moment later.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.messaging import outbox
from subgraphs.shared.standing import crud as rows
from subgraphs.shared.standing.tables import PersonStatus

log = structlog.get_logger()

MARGIN_SECONDS = 60
"""A token may be issued a moment after its session ended, and clocks differ."""
HEARTBEAT_SECONDS = 5.0
"""How often is said what was told. Readers wait for several before they mistrust what they have."""
DECISIONS_NAMED_MAX = 5_000
"""Of one heartbeat, which has to be an event of a bearable size. With more nothing is confirmed: readers then ask."""
DECISIONS = tuple(
    fact.type
    for fact in (
        events.UserSuspended,
        events.UserReactivated,
        events.AccountClosed,
        events.SessionsEnded,
        events.SigningKeyWithdrawn,
    )
)
"""The types of what is decided about standing."""
SOURCE = "accounts"


async def tell_suspended(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    await rows.decide_person(session, user_id, PersonStatus.SUSPENDED, changed_at=now)
    outbox.record(session, events.UserSuspended(user_id=user_id), occurred_at=now)


async def tell_reactivated(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    await rows.decide_person(session, user_id, PersonStatus.ACTIVE, changed_at=now)
    outbox.record(session, events.UserReactivated(user_id=user_id), occurred_at=now)


async def tell_closed(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    await rows.decide_person(session, user_id, PersonStatus.CLOSED, changed_at=now)
    outbox.record(session, events.AccountClosed(user_id=user_id), occurred_at=now)


async def tell_sessions_ended(
    session: AsyncSession, services: Services, user_id: UUID, session_ids: Sequence[UUID], *, now: datetime
) -> None:
    """Nothing is told of no sessions."""
    if not session_ids:
        return
    until = services.clock.unmoved() + timedelta(seconds=services.settings.access_token_seconds + MARGIN_SECONDS)
    await rows.keep_ended_sessions(session, session_ids, forget_at=until)
    ended = events.SessionsEnded(user_id=user_id, session_ids=list(session_ids), tokens_expire_at=until)
    outbox.record(session, ended, occurred_at=now)


async def confirm_standing(services: Services) -> None:
    """
    The job: the heartbeat. Of several processes one says it.

    It names what was decided while tokens lived that may live yet. What is under way now and commits after this is
    named by the next.
    """
    # As tokens' ends, and as the outbox says when something was recorded.
    now = services.clock.unmoved()
    async with services.database.begin() as session:
        if not await rows.keep_feed(session, now, at_least=timedelta(seconds=HEARTBEAT_SECONDS * 0.8)):
            return
        since = now - timedelta(seconds=services.settings.access_token_seconds + MARGIN_SECONDS)
        decided = await outbox.list_recorded(session, DECISIONS, since=since, limit=DECISIONS_NAMED_MAX + 1)
        if len(decided) > DECISIONS_NAMED_MAX:
            log.warning("too much is decided for a heartbeat; where money leaves we are asked", since=since)
            return
        confirmed = events.StandingConfirmed(
            source=SOURCE,
            told_at=now,
            decided=list(decided),
            withdrawn_keys=list(await rows.list_withdrawn_keys(session)),
        )
        outbox.record(session, confirmed, occurred_at=now)


async def is_in_good_standing(services: Services, identity: Identity) -> bool:
    """Whether a token of *identity* is still good, by our own books and at this moment."""
    try:
        session_id = UUID(identity.session_id or "")
    except ValueError:
        return False
    person_id = identity.oneself().user_id
    async with services.database.read() as session:
        if not await crud.sessions.is_open(session, session_id, person_id):
            return False
        return identity.actor_id is None or await crud.representations.may_act(
            session, company_id=identity.user_id, person_id=person_id, on=business_date(services.clock.now())
        )
