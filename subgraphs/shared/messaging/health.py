"""What a domain can say of its events at the moment: for `/ready`, and for people."""

from dataclasses import asdict, dataclass
from typing import Any

from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsHealth:
    works: bool
    """Relay and consumer are at work, or wait for the broker. If not, only a new process helps."""
    flows: bool
    """What happens is told now, and what is told is heard."""
    details: dict[str, Any]
    """The same of relay, consumer and broker, each by itself."""


NOTHING_TO_TELL = EventsHealth(works=True, flows=True, details={})
"""Of a domain that nobody has started to relay and to consume for."""


async def health_of(relay: Relay, consumer: Consumer, transport: Transport, *, started: bool) -> EventsHealth:
    """How *relay*, *consumer* and *transport* are; before all is *started* they wait for the broker."""
    broker = await transport.health()
    sends = relay.health
    takes = consumer.health
    flows = broker.connected and sends.running and sends.sending and not sends.refused_types
    return EventsHealth(
        works=sends.running or not started,
        flows=flows and takes.consumed == takes.queues,
        details={"relay": asdict(sends), "consumer": asdict(takes), "broker": asdict(broker)},
    )
