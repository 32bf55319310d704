"""
A process of the harvest domain, to be killed.

Its arguments: what runs in it (`relay`, and a consumer: `consumer`, `sets`, which
handles in sets, `mortal-sets`, which does so and dies when its first set has committed
and is not settled yet; joined by a plus), the broker's kind, address and namespace, and
the domain database's address.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.database import Database
from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport
from subgraphs.shared.messaging.reactions import Deliveries, Delivery, Reactions
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.retry import RetryPolicy
from subgraphs.shared.messaging.transport import Transport
from tests.subgraphs.shared.messaging.harvest import FieldSown, keep

QUICK = RetryPolicy(delays_s=(0.02, 0.05), attempts_max=3, not_yet_attempts_max=6)


class MortalConsumer(Consumer):
    """Dies between commit and acknowledgement."""

    async def _handle_together(self, *given: Any) -> set[int]:
        done = await super()._handle_together(*given)
        if done:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def handle_each(reactions: Reactions) -> None:
    @reactions.on(FieldSown)
    async def store(delivery: Delivery[FieldSown]) -> None:
        async with delivery.begin() as session:
            keep(session, delivery)


def handle_sets(reactions: Reactions) -> None:
    @reactions.on_many(FieldSown)
    async def store(session: AsyncSession, deliveries: Deliveries[FieldSown]) -> None:
        for delivery in deliveries:
            keep(session, delivery)


async def run(what: str, kind: str, url: str, namespace: str, database_url: str) -> None:
    database = Database(database_url, name="harvest-to-be-killed")
    transport: Transport
    if kind == "rabbitmq":
        transport = RabbitMQTransport(url, retry=QUICK, namespace=namespace)
    else:
        transport = EmbeddedTransport(url, retry=QUICK)
    reactions = Reactions("barn")

    (handle_sets if "sets" in what else handle_each)(reactions)
    await transport.start()
    await transport.declare(reactions.bindings())
    if "relay" in what:
        await Relay("harvest", database, transport).start()
    if "mortal-sets" in what:
        await MortalConsumer(reactions, database, transport).start()
    elif "consumer" in what or "sets" in what:
        await Consumer(reactions, database, transport).start()
    sys.stdout.write("running\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
