"""Which exchanges and queues there are, and how each is declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from subgraphs.shared.messaging.transport import DELIVERIES_MAX, Binding

_READS_MAX = 1_000_000
"""Every look at the dead letters counts as a delivery of each, and 4.x has a limit (20) where none is given."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The names within one *namespace*, so that several platforms can share a broker."""

    namespace: str
    delays_s: tuple[float, ...]

    @property
    def events(self) -> str:
        """The topic exchange that all events enter by."""
        return f"{self.namespace}.events"

    @property
    def dead(self) -> str:
        """The queue of all dead letters."""
        return f"{self.namespace}.dead"

    def queue(self, handler: str) -> str:
        return f"{self.namespace}.{handler}"

    def handler(self, queue: str) -> str:
        return queue.removeprefix(f"{self.namespace}.")

    def tier(self, delay_s: float) -> str:
        """The exchange, and the queue behind it, that holds a message for *delay_s*."""
        return f"{self.namespace}.retry.{round(delay_s * 1000)}ms"

    @property
    def tiers(self) -> list[str]:
        return [self.tier(delay_s) for delay_s in self.delays_s]

    async def declare_shared(self, channel: AbstractChannel) -> None:
        """What all handlers use: the exchange for events, the delays, the dead letters."""
        await channel.declare_exchange(self.events, ExchangeType.TOPIC, durable=True)
        await channel.declare_queue(
            self.dead, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": _READS_MAX}
        )
        for delay_s in self.delays_s:
            await self._declare_tier(channel, delay_s)

    async def _declare_tier(self, channel: AbstractChannel, delay_s: float) -> None:
        # Entered by a fanout exchange, so that the message keeps its own queue as routing key
        # and the default exchange takes it back there.
        name = self.tier(delay_s)
        exchange = await channel.declare_exchange(name, ExchangeType.FANOUT, durable=True)
        arguments = {"x-message-ttl": round(delay_s * 1000), "x-dead-letter-exchange": ""}
        queue = await channel.declare_queue(name, durable=True, arguments=_quorum(arguments))
        await queue.bind(exchange)

    async def declare_binding(self, channel: AbstractChannel, binding: Binding) -> None:
        """A handler's queue, bound to its event types."""
        arguments = {
            "x-delivery-limit": DELIVERIES_MAX - 1,  # RabbitMQ counts the redeliveries
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": self.dead,
        }
        queue = await channel.declare_queue(self.queue(binding.queue), durable=True, arguments=_quorum(arguments))
        for event_type in sorted(binding.types):
            await queue.bind(self.events, routing_key=event_type)

    def all_queues(self, handlers: Sequence[str]) -> list[str]:
        return [*map(self.queue, handlers), *self.tiers, self.dead]


def _quorum(arguments: dict[str, Any]) -> dict[str, Any]:
    # At-least-once dead-lettering is refused without `reject-publish`, which has no effect without a length limit.
    return arguments | {
        "x-queue-type": "quorum",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def message_count(channel: AbstractChannel, queue: str) -> int:
    """How many messages are ready in the *queue* of that full name. Where there is none, RabbitMQ closes *channel*."""
    declared = await channel.declare_queue(queue, passive=True)
    return declared.declaration_result.message_count or 0
