"""
Takes a domain's committed events to the broker.

One round is two statements: look for unsent rows; publish them and wait for the
broker's confirmations; mark them sent. A crash anywhere before the mark sends some of
them again; none is ever skipped, because rows are found by being unsent, not by their
place in the sequence (a slow transaction commits a lower id after a higher one).

Of all relays of a database one is at work: its connection holds an advisory lock. The
others wait for that, and follow when it ends.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, and_, delete, func, or_, select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from subgraphs.shared import turns
from subgraphs.shared.ids import least_id_at
from subgraphs.shared.messaging import metrics
from subgraphs.shared.messaging.outages import backoff_s
from subgraphs.shared.messaging.outbox import DomainDatabase, event_of
from subgraphs.shared.messaging.tables import WAKE_CHANNEL, InboxRow, OutboxRow
from subgraphs.shared.messaging.transport import NO_QUEUE, PublishRefused, Transport, TransportUnavailable
from subgraphs.shared.messaging.unsent import Left, look, mark_sent, postpone
from subgraphs.shared.settings import OUTBOX_KEPT_DAYS
from subgraphs.shared.tasks import end

log = structlog.get_logger()

BATCH_MAX = 200
"""Rows per round. A crash repeats at most this many."""

PUBLISH_SECONDS_MAX = 20.0
"""Longest wait for the broker; well under `IDLE_SECONDS_MAX`, as the connection says nothing meanwhile."""

UNNOTIFIED_SECONDS_MAX = 30.0
"""
A round happens at least this often. NOTIFY alone suffices while the listening
connection lives; a network that drops packets silently can hide that it does not.
"""

WAVES_MAX = 20
"""Publishings of a round, one after another, in each of which a subject has one row. More rows wait for the next."""

PASSING_KEPT_HOURS = 1
"""Sent rows of facts that are worthless once newer ones are told: for people who look at what goes on, no more."""

HANDLED_KEPT_DAYS = 400
"""Inbox rows stay far longer than any event can be on its way, or wait to be replayed by hand."""

REFUSED_SECONDS_MAX = 30
"""Longest that a refused row waits to be tried again: what was amiss is usually mended by people, who then look."""

_PRUNE_EVERY_SECONDS = 3600.0
_PRUNE_MAX = 5_000

_RELAY_LOCK = 0x7065_6572_7365_6564
"""Advisory lock of the database's relay ("peerseed"). One of several replicas is at work, so order survives them."""

IDLE_SECONDS_MAX = 60
"""
The server ends a relay's connection that says nothing for so long, which one at work never does
(`UNNOTIFIED_SECONDS_MAX`). Or a relay that a broken network has cut off would keep the lock from all others.
"""

_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayHealth:
    running: bool
    sending: bool
    """Whether the last round reached both the database and the broker."""
    refused_types: tuple[str, ...]
    """Types of which events wait, because the broker does not take them."""


class Relay:
    """The relay of one *domain*: start it after every queue has been declared."""

    def __init__(
        self,
        domain: str,
        database: DomainDatabase,
        transport: Transport,
        *,
        sent_kept_days: int = OUTBOX_KEPT_DAYS,
        passing_types: Collection[str] = (),
    ) -> None:
        self._domain = domain
        self._database = database
        self._transport = transport
        self._sent_kept_days = sent_kept_days
        self._passing_types = passing_types
        self._refused_types: set[str] = set()
        self._trouble: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._prune_at = 0.0

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._keep_relaying(), name=f"{self._domain} relay")

    async def stop(self) -> None:
        """End at once; what a round that was under way has not marked as sent is sent by the next relay."""
        if self._task is not None:
            await end(self._task)
            self._task = None

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def health(self) -> RelayHealth:
        return RelayHealth(
            running=self.is_running, sending=self._trouble is None, refused_types=tuple(sorted(self._refused_types))
        )

    async def _keep_relaying(self) -> None:
        with turns.accepted():
            await self._relay_for_ever()

    async def _relay_for_ever(self) -> None:
        failures = 0
        while True:
            try:
                async with _at_work(self._database.engine) as (connection, wake):
                    while not wake.is_lost:
                        wait_s = await self._relay_until_empty(connection, wake)
                        failures = 0
                        self._note_trouble(None)
                        await wake.wait(wait_s)
            except Exception as error:  # noqa: BLE001  # whatever it was, the rows are still there to be sent
                failures += 1
                metrics.relay_failures.labels(self._domain).inc()
                self._note_trouble(error)
                with suppress(Exception):  # the database may be what is away
                    await self.count_unsent()
                await asyncio.sleep(backoff_s(failures))

    def _note_trouble(self, error: Exception | None) -> None:
        """Say what keeps the relay from sending, once while it is the same; of the broker its transport has told."""
        kind = None if error is None else type(error).__name__
        if kind == self._trouble:
            return
        if error is None:
            log.info("relay sends again", domain=self._domain)
        elif not isinstance(error, TransportUnavailable):
            log.warning("relay cannot send; it tries again", domain=self._domain, error=f"{kind}: {error}")
        self._trouble = kind

    async def _relay_until_empty(self, connection: AsyncConnection, wake: "_Wake") -> float:
        """Send all that is due; answers after how many seconds something may be due again."""
        # Cleared before looking: a commit after the look sets it again.
        wake.clear()
        while (left := await self._relay_batch(connection)) is None:
            pass
        metrics.outbox_unsent.labels(self._domain).set(left.unsent)
        loop_time = asyncio.get_running_loop().time()
        if loop_time >= self._prune_at:
            self._prune_at = loop_time + _PRUNE_EVERY_SECONDS
            await self._prune()
        seconds = left.seconds_to_next
        return UNNOTIFIED_SECONDS_MAX if seconds is None else min(max(seconds, 0.0), UNNOTIFIED_SECONDS_MAX)

    async def _relay_batch(self, connection: AsyncConnection) -> Left | None:
        """One round; what it leaves, or None if there may be more to send at once."""
        rows, left = await look(connection, BATCH_MAX)
        if not rows:
            return left
        sent, refused = await self._send(rows)
        if refused:
            await self._postpone(connection, refused)
        if sent:
            await mark_sent(connection, sent)
        for row in sent:
            metrics.published.labels(row.type).inc()
        self._note_types(sent, refused)
        frees_others = any(row.attempts for row in sent)
        if frees_others or len(rows) == BATCH_MAX or len(sent) + len(refused) < len(rows):
            return None
        return Left(left.unsent - len(sent), left.seconds_to_next)

    async def _send(self, rows: Sequence[Row[Any]]) -> tuple[list[Row[Any]], list[tuple[Row[Any], str]]]:
        """
        Publish *rows* in waves, of each subject one row at a time; what was sent, and what was refused and why.

        A row that is refused holds up those after it of its own subject, and no others. What is in neither list
        was not tried.
        """
        sent: list[Row[Any]] = []
        refused: list[tuple[Row[Any], str]] = []
        held_up: set[str] = set()
        try:
            async with asyncio.timeout(PUBLISH_SECONDS_MAX):
                for wave in _waves(rows):
                    going = [row for row in wave if row.subject not in held_up]
                    reasons = await self._publish(going)
                    held_up |= {row.subject for row in going if row.event_id in reasons}
                    refused += [(row, reasons[row.event_id]) for row in going if row.event_id in reasons]
                    sent += [row for row in going if row.event_id not in reasons]
        except (TimeoutError, TransportUnavailable):
            if not sent:
                raise
            # What earlier waves sent is confirmed. The next round meets the broker, or its absence, again.
        return sent, refused

    async def _publish(self, rows: Sequence[Row[Any]]) -> dict[UUID, str]:
        """Publish *rows*; why each that was refused was."""
        try:
            if rows:
                await self._transport.publish([event_of(row) for row in rows])
        except PublishRefused as refusal:
            return refusal.refused
        return {}

    async def _postpone(self, connection: AsyncConnection, refused: Sequence[tuple[Row[Any], str]]) -> None:
        for row, _ in refused:
            metrics.publish_refused.labels(row.type).inc()
        # Telling of it wakes this relay, which then sees when the first of them is due.
        await postpone(connection, refused, seconds_max=REFUSED_SECONDS_MAX)

    def _note_types(self, sent: Sequence[Row[Any]], refused: Sequence[tuple[Row[Any], str]]) -> None:
        """Say, once per change, which types of events the broker does not take."""
        reasons = {row.type: (row, reason) for row, reason in refused}
        for event_type, (row, reason) in reasons.items():
            if event_type not in self._refused_types:
                log.error(
                    "the broker refuses an event; it waits",
                    domain=self._domain,
                    event_type=event_type,
                    event_id=str(row.event_id),
                    reason=reason,
                )
            metrics.waits_for_a_queue.labels(self._domain, event_type).set(int(reason.startswith(NO_QUEUE)))
        taken = (self._refused_types & {row.type for row in sent}) - reasons.keys()
        for event_type in taken:
            log.info("the broker takes these events again", domain=self._domain, event_type=event_type)
            metrics.waits_for_a_queue.labels(self._domain, event_type).set(0)
        self._refused_types = (self._refused_types | reasons.keys()) - taken

    async def count_unsent(self) -> int:
        """How many events wait to be sent."""
        async with self._database.begin() as session:
            unsent = await session.scalar(select(func.count()).where(OutboxRow.sent_at.is_(None))) or 0
        metrics.outbox_unsent.labels(self._domain).set(unsent)
        return unsent

    async def _prune(self) -> None:
        sent = (
            select(OutboxRow.id)
            .where(
                or_(
                    OutboxRow.sent_at < func.now() - timedelta(days=self._sent_kept_days),
                    and_(
                        OutboxRow.sent_at < func.now() - timedelta(hours=PASSING_KEPT_HOURS),
                        OutboxRow.type.in_(self._passing_types),
                    ),
                )
            )
            .limit(_PRUNE_MAX)
        )
        handled_since = datetime.now(UTC) - timedelta(days=HANDLED_KEPT_DAYS)
        key = (InboxRow.event_id, InboxRow.handler)
        handled = select(*key).where(InboxRow.event_id < least_id_at(handled_since)).limit(_PRUNE_MAX)
        async with self._database.begin() as session:
            await session.execute(delete(OutboxRow).where(OutboxRow.id.in_(sent)))
            await session.execute(delete(InboxRow).where(tuple_(*key).in_(handled)))


def _waves(rows: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """*rows* in their order, cut wherever a subject comes again; `WAVES_MAX` waves at most."""
    waves: list[list[Row[Any]]] = []
    subjects: set[str] = set()
    for row in rows:
        if not waves or row.subject in subjects:
            if len(waves) == WAVES_MAX:
                break
            waves.append([])
            subjects.clear()
        waves[-1].append(row)
        subjects.add(row.subject)
    return waves


class _Wake:
    """Something to wait on until the outbox has a new row, or the connection that would say so is lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.is_lost = False

    def clear(self) -> None:
        self._event.clear()

    def on_notify(self, *_: Any) -> None:
        self._event.set()

    def on_lost(self, *_: Any) -> None:
        self.is_lost = True
        self._event.set()

    async def wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()


@asynccontextmanager
async def _at_work(engine: AsyncEngine) -> AsyncIterator[tuple[AsyncConnection, _Wake]]:
    """A connection that listens and has the lock, once no other relay has it; gone afterwards, and the lock with it."""
    wake = _Wake()
    async with engine.connect() as connection:
        # Each statement is a transaction: an idle one would be ended by the server.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(wake.on_lost)
        try:
            await driver.add_listener(WAKE_CHANNEL, wake.on_notify)
            await connection.execute(_SETTINGS)
            while not await _has_lock(connection):
                pass
            yield connection, wake
        finally:
            driver.remove_termination_listener(wake.on_lost)
            driver.terminate()


_SETTINGS = select(
    func.set_config("statement_timeout", "0", False),
    func.set_config("idle_session_timeout", f"{IDLE_SECONDS_MAX}s", False),
)


async def _has_lock(connection: AsyncConnection) -> bool:
    """Wait for the lock, for as long as the database lets anybody wait for one; whether it is ours."""
    try:
        async with asyncio.timeout(UNNOTIFIED_SECONDS_MAX):
            await connection.execute(select(func.pg_advisory_lock(_RELAY_LOCK)))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True
