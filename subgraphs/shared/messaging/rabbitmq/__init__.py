"""
The transport over RabbitMQ (3.10 and 4.x).

    relay ─event→ peerseed.events (topic) ─type→ one quorum queue per handler ─→ consumer
                                                     ↑                             │ Retry: a copy,
                                                     │ after its TTL               ↓ then the ack
                                                     └── peerseed.retry.<delay>.<unit> ←──┤
                                       peerseed.dead ←── Bury, or the delivery limit ┘

Every queue is durable and replicated (quorum) and hands on what dies in it *at least
once*: RabbitMQ's default for that step may lose messages. Delayed retry is made of a
queue per delay, since 3.10 has no delay of its own.
"""

from subgraphs.shared.messaging.rabbitmq.transport import RabbitMQTransport

__all__ = ["RabbitMQTransport"]
