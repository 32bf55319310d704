"""Which transport an address means."""

from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import Transport


def transport_at(url: str, *, retry: RetryPolicy | None = None) -> Transport:
    """
    The transport for *url*: `amqp://` or `amqps://` is RabbitMQ, `postgresql://` the embedded one.

    Raises ValueError for anything else.
    """
    scheme = url.partition("://")[0]
    if scheme in ("amqp", "amqps"):
        return RabbitMQTransport(url, retry=retry)
    if scheme in ("postgresql", "postgres", "postgresql+asyncpg"):
        return EmbeddedTransport(url, retry=retry)
    raise ValueError("a message transport's address begins with amqp://, amqps:// or postgresql://")
