"""Takes a queue's messages in order, a bounded number at a time or in batches, and settles each by its outcome."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from subgraphs.shared.messaging import metrics
from subgraphs.shared.messaging.embedded.broker import BROKER_ERRORS, Broker
from subgraphs.shared.messaging.outages import backoff_s, settle_in_the_end
from subgraphs.shared.messaging.transport import (
    DELIVERIES_MAX,
    STOP_SECONDS_MAX,
    UNSETTLED,
    BatchCallback,
    Bury,
    Callback,
    Message,
    Outcome,
    Retry,
    Settled,
    TransportUnavailable,
)
from subgraphs.shared.tasks import end

log = structlog.get_logger()

# What a consumer has died with comes alone: if it kills the next one too, nothing beside it counts another death.
_LEASE = """
WITH ready AS (
    SELECT id, ready_at, deliveries FROM message
    WHERE queue = $1 AND died_at IS NULL AND ready_at <= now()
      AND (leased_until IS NULL OR leased_until <= now())
    ORDER BY ready_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
), chosen AS (
    SELECT id FROM ready ORDER BY ready_at, id
    LIMIT CASE WHEN (SELECT bool_or(deliveries > 0) FROM ready) THEN 1 ELSE $2 END
)
UPDATE message SET owner = $3, leased_until = now() + make_interval(secs => $4), deliveries = message.deliveries + 1
FROM chosen WHERE message.id = chosen.id
RETURNING message.id, message.body, message.attempt, message.deliveries, message.ready_at
"""

_SECONDS_TO_NEXT = """
SELECT extract(epoch FROM min(greatest(ready_at, leased_until)) - clock_timestamp())::float8
FROM message WHERE queue = $1 AND died_at IS NULL AND NOT id = ANY($2::bigint[])
"""

_FREE_UNKNOWN = """
UPDATE message SET owner = NULL, leased_until = NULL WHERE queue = $1 AND owner = $2 AND NOT id = ANY($3::bigint[])
"""

# A lease that ended and was taken again has another owner or another count: its former holder settles nothing.
_OURS = "id = $1 AND owner = $2 AND deliveries = $3"
_DELETE = f"DELETE FROM message WHERE {_OURS}"  # noqa: S608  # a constant
_DELETE_ALL = """
DELETE FROM message USING unnest($1::bigint[], $2::integer[]) AS ours (id, deliveries)
WHERE message.id = ours.id AND message.deliveries = ours.deliveries AND owner = $3
"""
_PUT_OFF = f"""
UPDATE message SET owner = NULL, leased_until = NULL, attempt = attempt + 1, deliveries = 0,
    ready_at = clock_timestamp() + make_interval(secs => $4)
WHERE {_OURS}
"""  # noqa: S608  # a constant
_BURY = f"""
UPDATE message SET owner = NULL, leased_until = NULL, died_at = clock_timestamp(), reason = $4 WHERE {_OURS}
"""  # noqa: S608  # a constant
_GIVE_BACK = f"UPDATE message SET owner = NULL, leased_until = NULL WHERE {_OURS}"  # noqa: S608  # a constant


@dataclass(frozen=True, slots=True)
class _Lease:
    id: int
    deliveries: int
    message: Message


class _EmbeddedSubscription(ABC):
    """What takes a queue's messages; what becomes of them is said below."""

    def __init__(self, broker: Broker, queue: str, *, on_received: Callable[[], None]) -> None:
        self._broker = broker
        self._queue = queue
        self._on_received = on_received
        self._wake = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._taker: asyncio.Task[None] | None = None
        self._may_hold_unknown = False

    @property
    def is_consuming(self) -> bool:
        return self._taker is not None and not self._taker.done() and self._broker.is_listening

    def start(self) -> None:
        self._broker.attach(self._queue, wake=self._wake.set, leased=self._leased)
        self._taker = asyncio.create_task(self._keep_taking(), name=f"takes {self._queue}")

    async def cancel(self) -> None:
        """Take no more; wait for what runs, up to a limit, and give the rest back."""
        if self._taker is None:
            return
        await end(self._taker)
        self._taker = None
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=STOP_SECONDS_MAX)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._broker.detach(self._queue, wake=self._wake.set, leased=self._leased)

    def _leased(self) -> list[int]:
        return list(self._running)

    async def _keep_taking(self) -> None:
        failures = 0
        while True:
            self._wake.clear()
            try:
                wait_s = await self._take()
                failures = 0
            except Exception as error:  # noqa: BLE001  # without this task the queue would only grow
                failures += 1
                wait_s = backoff_s(failures, longest_s=5.0)
                self._may_hold_unknown = True
                if not isinstance(error, BROKER_ERRORS) and failures == 1:  # those the broker has told
                    log.warning("cannot take messages; it tries again", queue=self._queue, error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    async def _take(self) -> float | None:
        """Start what is ready, as far as there is room; answers how long the queue has nothing more."""
        room = self._room()
        if not room:
            return None  # a callback that ends will wake us
        broker = self._broker
        if self._may_hold_unknown:
            # The answer to a lease was lost with its connection, but the lease may stand.
            await broker.pool.execute(_FREE_UNKNOWN, self._queue, broker.owner, broker.leased())
            self._may_hold_unknown = False
        rows = await broker.pool.fetch(_LEASE, self._queue, room, broker.owner, broker.lease_s)
        leases = []
        for row in sorted(rows, key=lambda row: (row["ready_at"], row["id"])):
            redelivered = row["deliveries"] > 1
            message = Message(queue=self._queue, body=row["body"], attempt=row["attempt"], redelivered=redelivered)
            leases.append(_Lease(row["id"], row["deliveries"], message))
        if leases:
            self._begin(leases)
        if len(rows) == room:
            return None
        seconds = await broker.pool.fetchval(_SECONDS_TO_NEXT, self._queue, self._leased())
        return None if seconds is None else max(seconds, 0.001)

    @abstractmethod
    def _room(self) -> int:
        """How many more messages may be taken now."""

    @abstractmethod
    def _begin(self, leases: Sequence[_Lease]) -> None:
        """Start what handles and settles them; each has its task in `_running` until then."""

    async def _settle(self, lease: _Lease, outcome: Outcome) -> None:
        """Carry out *outcome*, as long as it takes: until it is, the message would come back for nothing."""

        async def carry_out() -> None:
            match outcome:
                case Settled():
                    await self._execute(_DELETE, lease)
                case Retry(delay_s):
                    await self._execute(_PUT_OFF, lease, delay_s)
                case Bury(reason):
                    await self._execute(_BURY, lease, reason.replace("\x00", ""))

        await self._until_done(carry_out)

    async def _until_done(self, carry_out: Callable[[], Awaitable[None]]) -> None:
        await settle_in_the_end(carry_out, queue=self._queue, outages=BROKER_ERRORS)

    async def _give_back(self, lease: _Lease) -> None:
        with suppress(*BROKER_ERRORS, TransportUnavailable):
            await self._execute(_GIVE_BACK, lease)

    async def _execute(self, statement: str, lease: _Lease, *values: Any) -> None:
        await self._broker.pool.execute(statement, lease.id, self._broker.owner, lease.deliveries, *values)


class EmbeddedSubscription(_EmbeddedSubscription):
    """One callback on one queue, for each message."""

    def __init__(
        self, broker: Broker, queue: str, callback: Callback, *, concurrency: int, on_received: Callable[[], None]
    ) -> None:
        super().__init__(broker, queue, on_received=on_received)
        self._callback = callback
        self._concurrency = concurrency
        self._alone: int | None = None
        """What a consumer has died with, while it is handled."""

    def _room(self) -> int:
        return 0 if self._alone in self._running else self._concurrency - len(self._running)

    def _begin(self, leases: Sequence[_Lease]) -> None:
        for lease in leases:
            if lease.message.redelivered:
                self._alone = lease.id
            self._running[lease.id] = asyncio.create_task(self._deliver(lease))

    async def _deliver(self, lease: _Lease) -> None:
        try:
            outcome = await self._outcome_of(lease)
            await self._settle(lease, outcome)
        except asyncio.CancelledError:
            await self._give_back(lease)
            raise
        finally:
            del self._running[lease.id]
            self._wake.set()

    async def _outcome_of(self, lease: _Lease) -> Outcome:
        if lease.deliveries > DELIVERIES_MAX:
            metrics.dead.labels(self._queue).inc()
            return Bury(UNSETTLED)
        self._on_received()
        try:
            return await self._callback(lease.message)
        except Exception:
            log.exception("a message could not be settled", queue=self._queue)
            return Retry(1.0)


class EmbeddedBatchSubscription(_EmbeddedSubscription):
    """One callback on one queue, for all that waits, one batch after another."""

    def __init__(
        self, broker: Broker, queue: str, callback: BatchCallback, *, batch_max: int, on_received: Callable[[], None]
    ) -> None:
        super().__init__(broker, queue, on_received=on_received)
        self._callback = callback
        self._batch_max = batch_max

    def _room(self) -> int:
        return 0 if self._running else self._batch_max

    def _begin(self, leases: Sequence[_Lease]) -> None:
        task = asyncio.create_task(self._deliver(leases))
        self._running |= {lease.id: task for lease in leases}

    async def _deliver(self, leases: Sequence[_Lease]) -> None:
        try:
            spent = [lease for lease in leases if lease.deliveries > DELIVERIES_MAX]
            for lease in spent:
                metrics.dead.labels(self._queue).inc()
                await self._settle(lease, Bury(UNSETTLED))
            if left := [lease for lease in leases if lease not in spent]:
                await self._settle_all(left, await self._outcomes_of(left))
        except asyncio.CancelledError:
            for lease in leases:
                await self._give_back(lease)
            raise
        finally:
            for lease in leases:
                del self._running[lease.id]
            self._wake.set()

    async def _outcomes_of(self, leases: Sequence[_Lease]) -> Sequence[Outcome]:
        for _ in leases:
            self._on_received()
        try:
            return await self._callback([lease.message for lease in leases])
        except Exception:
            log.exception("a batch could not be settled", queue=self._queue)
            return [Retry(1.0)] * len(leases)

    async def _settle_all(self, leases: Sequence[_Lease], outcomes: Sequence[Outcome]) -> None:
        pairs = list(zip(leases, outcomes, strict=True))
        settled = [lease for lease, outcome in pairs if isinstance(outcome, Settled)]
        ids, deliveries = [lease.id for lease in settled], [lease.deliveries for lease in settled]

        async def delete() -> None:
            await self._broker.pool.execute(_DELETE_ALL, ids, deliveries, self._broker.owner)

        if settled:
            await self._until_done(delete)
        for lease, outcome in pairs:
            if not isinstance(outcome, Settled):
                await self._settle(lease, outcome)
