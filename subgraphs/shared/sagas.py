"""
What waits for another domain's answer for too long: found, and set going again.

A flow goes from domain to domain by facts: one asks, the other answers. Each is told at least once; but a queue may
have been lost, a message purged, a handler wrong for a while. Then the asker waits.

    asker ── asks ──▶ answerer ── answers ──▶ asker
      └── answer_awaited ──▶ says its answer again, if it has one

Resuming says the question again, and asks for the answer to be said again. Both are said as they were, by the outbox
that has them: the inboxes of whoever has handled them know them, so nobody does or tells anything twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import least_id_at
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.reading import Reader
from subgraphs.shared.refusal import InvalidInput, NotStuck
from subgraphs.shared.staff_acts import note_act

STUCK_AFTER = timedelta(minutes=5)
"""An answer takes seconds, also in a rush; what waits longer is not behind but stuck."""
RECORDED_WITHIN = timedelta(minutes=1)
"""A fact is recorded in the transaction of what is dated by it, which takes no longer."""

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One step at which things wait for another domain."""

    what: str
    """What waits; the domain's own word."""
    id: Column
    since: ColumnElement[Any] | Column
    while_: ColumnElement[bool]
    """Whether it waits."""
    looked_back: timedelta | None = None
    """How far back it is looked for, where nothing but time bounds what has to be looked through."""
    asked_by: type[EventPayload]
    asked_as: str
    """The field of what is asked that has the id."""
    asked_within: timedelta = RECORDED_WITHIN
    """How long after *since* it may have been asked."""
    answers: tuple[str, ...]
    """The types of events that end the waiting."""

    def question(self, *, now: datetime) -> Select[Any]:
        statement = select(self.id.label("id"), self.since.label("since")).where(self.while_)
        if self.looked_back is not None:
            statement = statement.where(self.since > now - self.looked_back)
        return statement.where(self.since <= now - STUCK_AFTER)


@dataclass(frozen=True)
class Sagas:
    """All steps at which a domain waits for others."""

    domain: str
    waits: tuple[Wait, ...]
    awaited: type[EventPayload]
    """The event that asks for an answer to be said again: `what` and `subject_id`."""

    @property
    def actions(self) -> list[str]:
        """What resuming is called in the audit log."""
        return [action_of(wait) for wait in self.waits]


def action_of(wait: Wait) -> str:
    return f"{wait.what}_RESUMED"


@dataclass(frozen=True, kw_only=True)
class Stuck:
    what: str
    id: UUID
    since: datetime
    waits_for: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Resume:
    what: str
    id: UUID
    reason: str


async def list_stuck(session: Reader, sagas: Sagas, *, limit: int, now: datetime) -> list[Stuck]:
    """Those that wait longest first."""
    found = []
    for wait in sagas.waits:
        statement = wait.question(now=now).order_by(wait.since, wait.id).limit(limit)
        found += [_stuck(wait, row) for row in await session.execute(statement)]
    return sorted(found, key=lambda stuck: (stuck.since, stuck.id))[:limit]


def _stuck(wait: Wait, row: Any) -> Stuck:
    return Stuck(what=wait.what, id=row.id, since=row.since, waits_for=wait.answers)


async def resume(session: AsyncSession, sagas: Sagas, command: Resume, *, actor: Identity, now: datetime) -> Stuck:
    """
    Say again what was asked, and ask for the answer to be said again. Harmless as often as it is done.

    Refuses with InvalidInput and NotStuck.
    """
    wait = next((wait for wait in sagas.waits if wait.what == command.what), None)
    if wait is None:
        known = ", ".join(wait.what for wait in sagas.waits)
        raise InvalidInput(
            field="what", reason=f"what waits here is one of {known}", reason_pt=f"Aqui esperam: {known}."
        )
    row = (await session.execute(wait.question(now=now).where(wait.id == command.id))).one_or_none()
    if row is None:
        raise NotStuck(command.id)
    await say_again(
        session, [wait.asked_by.type], {wait.asked_as: row.id}, since=row.since, until=row.since + wait.asked_within
    )
    outbox.record(session, sagas.awaited(what=wait.what, subject_id=row.id), occurred_at=now)
    note_act(session, action_of(wait), subject_id=row.id, reason=command.reason, actor_id=actor.user_id, now=now)
    return _stuck(wait, row)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Where a domain has what it answered, and when."""

    to: Column
    """What it was asked about."""
    at: Column
    types: tuple[type[EventPayload], ...]
    told_as: str
    """The field of the answer that has what it was asked about."""
    only: ColumnElement[bool] | None = None


async def answer_again(session: AsyncSession, answers: Mapping[str, Answer], *, what: str, subject_id: UUID) -> None:
    """Say again what was answered. Nothing, where that is still to come: the question has been said again as well."""
    answer = answers.get(what)
    if answer is None:
        return  # another domain's to answer
    statement = select(answer.at).where(answer.to == subject_id)
    if answer.only is not None:
        statement = statement.where(answer.only)
    for at in set(await session.scalars(statement)):
        types = [payload.type for payload in answer.types]
        await say_again(session, types, {answer.told_as: subject_id}, since=at, until=at + RECORDED_WITHIN)


async def say_again(
    session: AsyncSession, types: Sequence[str], said: Mapping[str, UUID], *, since: datetime, until: datetime
) -> None:
    """Have the outbox send its events of *types* once more, whose data says *said*, recorded between these."""
    ((name, value),) = said.items()
    statement = update(OutboxRow).where(
        OutboxRow.type.in_(types), OutboxRow.data[name].astext == str(value), OutboxRow.sent_at.is_not(None)
    )
    # Ids begin with the machine's time, and so find a moment's few; not where a moved clock dates what happens.
    if await session.scalar(text("SELECT current_setting('peerseed.clock', true)")) != "MOVED":
        earliest, latest = least_id_at(since - RECORDED_WITHIN), least_id_at(until)
        statement = statement.where(OutboxRow.event_id.between(earliest, latest))
    await session.execute(
        statement.values(sent_at=None, due_at=func.now(), attempts=0), execution_options={"synchronize_session": False}
    )
