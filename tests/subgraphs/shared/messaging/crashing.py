"""
A process of the harvest domain, to be killed.

Its arguments: what runs in it (`relay`, `consumer`, or both joined by a plus), the
broker's kind, address and namespace, and the domain database's address.
"""

import asyncio
import sys

from subgraphs.shared.database import Database
from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import Transport
from tests.subgraphs.shared.messaging.harvest import FieldSown, keep

QUICK = RetryPolicy(delays_s=(0.02, 0.05), attempts_max=3, not_yet_attempts_max=6)


async def run(what: str, kind: str, url: str, namespace: str, database_url: str) -> None:
    database = Database(database_url, name="harvest-to-be-killed")
    transport: Transport
    if kind == "rabbitmq":
        transport = RabbitMQTransport(url, retry=QUICK, namespace=namespace)
    else:
        transport = EmbeddedTransport(url, retry=QUICK)
    reactions = Reactions("barn")

    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)

    await transport.start()
    await transport.declare(reactions.bindings())
    if "relay" in what:
        await Relay("harvest", database, transport).start()
    if "consumer" in what:
        await Consumer(reactions, database, transport).start()
    sys.stdout.write("running\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
