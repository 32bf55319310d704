"""
What a domain does when facts arrive.

    reactions = Reactions("distribution")

    @reactions.on(PaymentConfirmed)
    async def split_payment(delivery: Delivery[PaymentConfirmed]) -> None:
        async with delivery.begin() as session:
            await distributions.distribute_installment(session, delivery.payload)

Each handler has its own queue, `distribution.split_payment`, so that one that fails
holds up no other. External calls come before `begin()`, and must bear repetition.

What comes often is handled in sets, what waits together in one transaction:

    @reactions.on_many(InvestmentConfirmed)
    async def open_positions(session: AsyncSession, deliveries: Deliveries[InvestmentConfirmed]) -> None:
        await holdings.open_positions(session, [delivery.payload for delivery in deliveries])

Such a handler calls nobody outside. When it fails, all is undone and it is called for each delivery alone. It locks
rows in the order of their ids, and records facts under their own cause (`continued_from`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.availability import Unavailable, is_connection_failure, is_lost_connection
from subgraphs.shared.messaging import inbox
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.inbox import AlreadyHandled
from subgraphs.shared.messaging.outages import DatabaseUnavailable
from subgraphs.shared.messaging.outbox import DomainDatabase
from subgraphs.shared.messaging.transport import Binding
from subgraphs.shared.turns import Row

__all__ = ["AlreadyHandled", "Deliveries", "Delivery", "NotYet", "Reaction", "Reactions"]

P = TypeVar("P", bound=EventPayload)
Q = TypeVar("Q", bound=EventPayload)
R = TypeVar("R", bound=EventPayload)
P_co = TypeVar("P_co", bound=EventPayload, covariant=True)


class NotYet(Exception):
    """
    A fact that this one depends on has not arrived.

    Events of different domains come in any order. The message is tried again later,
    which is no error, but not for ever.
    """


@dataclass(slots=True)
class Delivery(Generic[P_co]):
    """An event as one handler gets it."""

    event: Event
    payload: P_co
    attempt: int
    """From 1."""
    handler: str
    """The handler's queue name, which is its key in the inbox."""
    services: Any = None
    """The domain's ports and settings, as in a resolver's context."""
    _database: DomainDatabase = field(kw_only=True, repr=False)
    _committed: bool = field(default=False, init=False, repr=False)

    @asynccontextmanager
    async def begin(self, *rows: Row) -> AsyncIterator[AsyncSession]:
        """
        The transaction in which this delivery takes effect, once for ever.

        *rows* are those that it will lock and many want, in the order of the locks. The
        inbox row is written first, except for a passing fact, which nobody keeps. One delivery
        has one such transaction: a second would find the first one's row.

        Raises AlreadyHandled, which the handler lets pass, if it has committed before,
        and DatabaseUnavailable when the connection fails: the consumer then waits.
        """
        if self._committed:
            raise RuntimeError(f"{self.handler} opened a second transaction for one delivery")
        opened = False
        try:
            async with self._database.begin(*rows) as session:
                if self.payload.passing:
                    await session.connection()
                else:
                    await inbox.record_handled(session, event_id=self.event.id, handler=self.handler)
                opened = True
                yield session
        except Exception as error:
            # Once opened, only what SQLAlchemy calls a lost connection: the handler's own errors are its own.
            if is_lost_connection(error) or (not opened and _is_absent(error)):
                raise DatabaseUnavailable(str(error)) from error
            raise
        self._committed = True


def _is_absent(error: Exception) -> bool:
    return isinstance(error, Unavailable) or is_connection_failure(error)


Handler = Callable[[Delivery[P]], Awaitable[None]]

Deliveries = Sequence[Delivery[P_co]]
"""In queue order, each of another event, none of them handled before."""

SetHandler = Callable[[AsyncSession, Deliveries[P]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reaction:
    """One handler with the payload classes that it reads."""

    queue: str
    payload_classes: dict[str, type[EventPayload]]
    """By event type."""
    handle: Callable[[Delivery[Any]], Awaitable[None]]
    handle_many: SetHandler[Any] | None = None
    """What handles many in one transaction, where the handler is one for sets; `handle` is then the same for one."""
    singly: frozenset[str] = frozenset()
    """Event types of which each is much work, and goes alone even there."""

    async def handle_together(self, database: DomainDatabase, deliveries: Deliveries[EventPayload]) -> int:
        """
        Handle in one transaction what has not been handled before; how many that were.

        Raises whatever the handler or the database raises; nothing has happened then.
        """
        assert self.handle_many is not None  # noqa: S101  # only such reactions are consumed in batches
        async with database.begin() as session:
            kept = [delivery.event.id for delivery in deliveries if not delivery.payload.passing]
            recorded = await inbox.record_all_handled(session, event_ids=kept, handler=self.queue) if kept else set()
            first = {delivery.event.id: delivery for delivery in reversed(deliveries)}
            new = [
                delivery
                for delivery in deliveries
                if first[delivery.event.id] is delivery and (delivery.payload.passing or delivery.event.id in recorded)
            ]
            if new:
                await self.handle_many(session, new)
        return len(new)


class Reactions:
    """The handlers of one *consumer*, which is a domain."""

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer
        self._by_queue: dict[str, Reaction] = {}

    @overload
    def on(self, first: type[P], /) -> Callable[[Handler[P]], Handler[P]]: ...
    @overload
    def on(self, first: type[P], second: type[Q], /) -> Callable[[Handler[P | Q]], Handler[P | Q]]: ...
    @overload
    def on(
        self, first: type[P], second: type[Q], third: type[R], /
    ) -> Callable[[Handler[P | Q | R]], Handler[P | Q | R]]: ...
    @overload
    def on(self, *payload_classes: type[EventPayload]) -> Callable[[Handler[Any]], Handler[Any]]: ...
    def on(self, *payload_classes: type[EventPayload]) -> Callable[[Handler[Any]], Handler[Any]]:
        """
        Call the decorated function for each event of these types.

        Several types on one handler share its queue, and so keep their order. The
        queue is named after the function: renaming the function leaves the old queue
        behind with what it holds.

        Raises ValueError when the name is taken.
        """

        def register(handle: Handler[Any]) -> Handler[Any]:
            self._add(handle.__name__, payload_classes, handle)
            return handle

        return register

    @overload
    def on_many(self, first: type[P], /) -> Callable[[SetHandler[P]], SetHandler[P]]: ...
    @overload
    def on_many(self, first: type[P], second: type[Q], /) -> Callable[[SetHandler[P | Q]], SetHandler[P | Q]]: ...
    @overload
    def on_many(
        self, *payload_classes: type[EventPayload], singly: Collection[type[EventPayload]] = ...
    ) -> Callable[[SetHandler[Any]], SetHandler[Any]]: ...
    def on_many(
        self, *payload_classes: type[EventPayload], singly: Collection[type[EventPayload]] = ()
    ) -> Callable[[SetHandler[Any]], SetHandler[Any]]:
        """
        Call the decorated function for the events of these types that wait together, in the transaction of its work.

        As `on` in all else: whether one handler takes single events or sets, its queue is the same. What is *singly*
        given to it is much work each.
        """

        def register(handle_many: SetHandler[Any]) -> SetHandler[Any]:
            async def handle(delivery: Delivery[Any]) -> None:
                async with delivery.begin() as session:
                    await handle_many(session, [delivery])

            alone = frozenset(payload_class.type for payload_class in singly)
            self._add(handle_many.__name__, payload_classes, handle, handle_many, alone)
            return handle_many

        return register

    def _add(
        self,
        name: str,
        payload_classes: Sequence[type[EventPayload]],
        handle: Handler[Any],
        handle_many: SetHandler[Any] | None = None,
        singly: frozenset[str] = frozenset(),
    ) -> None:
        queue = f"{self.consumer}.{name}"
        if queue in self._by_queue:
            raise ValueError(f"there are two handlers of the name {queue}")
        by_type = {payload_class.type: payload_class for payload_class in payload_classes}
        if len(by_type) < len(payload_classes):
            raise ValueError(f"{queue} reads one event type by two classes")
        self._by_queue[queue] = Reaction(queue, by_type, handle, handle_many, singly)

    def __iter__(self) -> Iterator[Reaction]:
        return iter(self._by_queue.values())

    def bindings(self) -> list[Binding]:
        """The queues that these handlers need."""
        return [Binding(reaction.queue, frozenset(reaction.payload_classes)) for reaction in self]
