"""
What a broker must do for us, whichever it is.

An event goes to every queue bound to its type. A queue belongs to one handler and
keeps a message until the handler's callback has settled it. Everything is at least
once; `inbox` turns that into exactly one effect.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from subgraphs.shared.logging import mask_text
from subgraphs.shared.messaging import metrics
from subgraphs.shared.messaging.event import Event, EventTooLarge
from subgraphs.shared.messaging.retry import RetryPolicy

log = structlog.get_logger()

DELIVERIES_MAX = 20
"""How often the broker hands out one copy of a message that nobody settles, because the
consumer died each time. High enough for a few restarts, low enough to stop a message
that kills its consumer. A retry is a new copy and starts again from zero."""

UNSETTLED = "delivery limit reached: each consumer that took the message died before settling it"

STOP_SECONDS_MAX = 20.0
"""How long a subscription that is cancelled waits for running callbacks; later ones go back to the queue."""


class TransportUnavailable(Exception):
    """The broker cannot be reached, or did not answer in time. Nothing is known to be durable."""


class PublishRefused(Exception):
    """The broker took some events and refused others."""

    def __init__(self, refused: dict[UUID, str]) -> None:
        super().__init__(f"the broker refused {len(refused)} event(s): {next(iter(refused.values()), '')}")
        self.refused = refused
        """Reason by event id; every other event of the call is durable."""


class QueuesRefused(Exception):
    """The broker does not let some queues be as they must be; all others are there."""

    def __init__(self, refused: dict[str, str]) -> None:
        super().__init__("; ".join(f"{queue}: {reason}" for queue, reason in refused.items()))
        self.refused = refused
        """Reason by queue."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A queue and the event types that it receives."""

    queue: str
    types: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One delivery: a body that has not been read yet."""

    queue: str
    body: bytes
    attempt: int
    """From 1; raised by each retry, not by a redelivery after a crash."""
    redelivered: bool = False
    """Whether a consumer had it before and did not settle it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The message is done with and leaves the queue."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The message comes back after *delay_s*, which is one of the retry policy's."""

    delay_s: float


@dataclass(frozen=True, slots=True)
class Bury:
    """The message goes to the dead letters, with the reason."""

    reason: str


Outcome = Settled | Retry | Bury
Callback = Callable[[Message], Awaitable[Outcome]]
BatchCallback = Callable[[Sequence[Message]], Awaitable[Sequence[Outcome]]]
"""An outcome for each message, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that could not be handled, and why."""

    id: str
    """`queue/message id`. Copies of one event that died on the same queue share it, and are treated alike."""
    queue: str
    reason: str
    attempts: int
    died_at: datetime | None
    body: bytes = field(repr=False)


class DeadLetters(Protocol):
    """The messages that were given up, for people to decide on."""

    def list(self, *, queue: str | None = None, limit: int = 100) -> AsyncIterator[DeadLetter]:
        """Dead letters of *queue*, or of all queues, without changing them."""
        ...

    async def replay(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        """Put them back on their queues as if new; answers how many. Others stay."""
        ...

    async def purge(self, *, queue: str | None = None, ids: frozenset[str] | None = None) -> int:
        """Delete them for good; answers how many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What has not been settled, and how much has been received so far."""

    ready: int
    """Waiting in queues."""
    delayed: int
    """Waiting for their retry."""
    in_flight: int
    """Handed to a callback. RabbitMQ shows only those of this process."""
    received: int
    """Deliveries that this transport's callbacks have had; it only grows."""

    @property
    def total(self) -> int:
        return self.ready + self.delayed + self.in_flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    transport: str
    connected: bool
    detail: str


class Subscription(Protocol):
    """One callback on one queue."""

    @property
    def is_consuming(self) -> bool:
        """Whether messages of the queue would be delivered now."""
        ...

    async def cancel(self) -> None:
        """Take no more; return when the callbacks that run have been settled."""
        ...


class Transport(Protocol):
    """A broker. One object per process; safe for any number of relays and consumers."""

    @property
    def retry(self) -> RetryPolicy:
        """The delays that `Retry` may ask for."""
        ...

    @property
    def dead_letters(self) -> DeadLetters: ...

    async def start(self) -> None:
        """Connect, and reconnect by itself afterwards. Raises TransportUnavailable if no broker answers."""
        ...

    async def stop(self) -> None:
        """Cancel every subscription and disconnect."""
        ...

    async def declare(self, bindings: Iterable[Binding]) -> None:
        """
        Make the queues exist and receive their types; nothing changes for those that do already.

        Done for all domains before any relay starts: an event whose queue does not
        exist yet has, as far as the broker can know, no listener. What was declared is
        remembered: it is declared again whenever a connection begins, a queue is found
        missing, or nobody takes an event that one of these queues must receive.

        Raises TransportUnavailable when the broker cannot be reached, and QueuesRefused
        when some of the queues cannot be had.
        """
        ...

    async def publish(self, events: Sequence[Event]) -> None:
        """
        Return when every queue bound to the events' types holds them durably.

        In the given order. Raises PublishRefused when some were not taken, and
        TransportUnavailable when it is not known. An event that no queue takes is
        refused if a declared queue receives its type. Any other is counted and logged
        once per type: a fact may have no listener.
        """
        ...

    async def send_to(self, queue: str, events: Sequence[Event]) -> None:
        """
        Return when *queue*, and no other, holds *events* durably, in the given order.

        Raises TransportUnavailable when that is not known, or there is no such queue.
        """
        ...

    async def consume(self, queue: str, callback: Callback, *, concurrency: int) -> Subscription:
        """
        Call *callback* for each message, up to *concurrency* at once, starting in queue order.

        The message leaves the queue by the callback's outcome. If the process dies or
        the callback raises, it comes back. Survives the broker's absence.
        """
        ...

    async def consume_batches(self, queue: str, callback: BatchCallback, *, batch_max: int) -> Subscription:
        """
        Call *callback* with what waits, in queue order, *batch_max* messages at most; one call at a time.

        As `consume` in all else. What is done with is settled in one go.
        """
        ...

    async def pending(self) -> Pending:
        """What waits on the queues declared here."""
        ...

    async def health(self) -> Health: ...


def encode_all(events: Sequence[Event]) -> tuple[list[tuple[Event, bytes]], dict[UUID, str]]:
    """*events* with their bodies, and why others have none: one bad event must not hold up a batch."""
    encoded: list[tuple[Event, bytes]] = []
    refused: dict[UUID, str] = {}
    for event in events:
        try:
            encoded.append((event, event.encode()))
        except EventTooLarge as error:
            refused[event.id] = str(error)
    return encoded, refused


class Presence:
    """
    Whether the broker is there, told once per change.

    All parts of a transport find it out, again and again while it is away; one of them
    says so, and the others have nothing to add.
    """

    def __init__(self, transport: str) -> None:
        self._transport = transport
        self._is_there: bool | None = None

    def came(self) -> None:
        if self._is_there is not True:
            self._is_there = True
            metrics.broker_is_there.set(1)
            log.info("the broker is there", transport=self._transport)

    def went(self, error: BaseException | str) -> None:
        if self._is_there is not False:
            self._is_there = False
            metrics.broker_is_there.set(0)
            log.warning("the broker is away; facts wait for it", transport=self._transport, error=mask_text(str(error)))


NO_QUEUE = "no queue takes this event, and somebody must hear it"
"""Why an event is refused whose queue is missing and cannot be declared again."""


class UnheardTypes:
    """
    Counts events that no queue is bound to, and logs each type once.

    A fact may have no listener. But a type that should have one shows here.
    """

    def __init__(self) -> None:
        self._logged: set[str] = set()

    def note(self, event_type: str) -> None:
        metrics.unroutable.labels(event_type).inc()
        if event_type not in self._logged:
            self._logged.add(event_type)
            log.info("nobody listens to this event", event_type=event_type)
