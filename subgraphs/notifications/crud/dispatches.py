"""Messages on their way out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Interval, Text, Uuid, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.models import Dispatch, DispatchStatus, Notification
from subgraphs.shared.statements import is_any_of

DueDispatch = tuple[Dispatch, Notification]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one that was tried."""

    status: DispatchStatus
    sent_at: datetime | None = None
    last_error: str | None = None


async def lock_due(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[DueDispatch]:
    """Due dispatches with what to say, claimed: another process passes over them."""
    statement = (
        select(Dispatch, Notification)
        .join(Notification, Notification.id == Dispatch.notification_id)
        .where(Dispatch.status == DispatchStatus.PENDING, Dispatch.due_at <= now)
        .order_by(Dispatch.due_at, Dispatch.id)
        .limit(limit)
        .with_for_update(of=Dispatch, skip_locked=True)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


_WAIT = bindparam("retry", type_=Interval) * func.power(2, Dispatch.attempts)
_COUNT_ATTEMPTS = (
    update(Dispatch)
    .where(is_any_of(Dispatch.id, "ids"))
    .values(attempts=Dispatch.attempts + 1, due_at=bindparam("since", type_=DateTime(timezone=True)) + _WAIT)
    .execution_options(synchronize_session=False)
)
_PUT_BACK = (
    update(Dispatch)
    .where(is_any_of(Dispatch.id, "ids"))
    .values(attempts=Dispatch.attempts - 1, due_at=bindparam("until", type_=DateTime(timezone=True)))
    .execution_options(synchronize_session=False)
)
_OUTCOMES = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("statuses", type_=ARRAY(Text)),
        bindparam("instants", type_=ARRAY(DateTime(timezone=True))),
        bindparam("errors", type_=ARRAY(Text)),
    )
    .table_valued("id", "status", "sent_at", "last_error")
    .render_derived(name="outcome")
)
_NOTE_OUTCOMES = (
    update(Dispatch)
    .where(Dispatch.id == _OUTCOMES.c.id)
    .values(status=_OUTCOMES.c.status, sent_at=_OUTCOMES.c.sent_at, last_error=_OUTCOMES.c.last_error)
    .execution_options(synchronize_session=False)
)


async def count_attempts(
    session: AsyncSession, dispatch_ids: Sequence[UUID], *, since: datetime, retry: timedelta
) -> None:
    """Count one more attempt of each; the next is due *retry* after *since*, twice as late with each that there was."""
    await session.execute(_COUNT_ATTEMPTS, {"ids": dispatch_ids, "since": since, "retry": retry})


async def put_back(session: AsyncSession, dispatch_ids: Sequence[UUID], *, due_at: datetime) -> None:
    """Have them wait until *due_at*, without an attempt."""
    await session.execute(_PUT_BACK, {"ids": dispatch_ids, "until": due_at})


async def note_outcomes(session: AsyncSession, outcomes: Mapping[UUID, Outcome]) -> None:
    given = {
        "ids": list(outcomes),
        "statuses": [it.status for it in outcomes.values()],
        "instants": [it.sent_at for it in outcomes.values()],
        "errors": [it.last_error for it in outcomes.values()],
    }
    await session.execute(_NOTE_OUTCOMES, given)
