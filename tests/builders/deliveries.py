"""Hands facts to a subgraph's reactions, as its consumer would, and shows what it recorded to be published."""

from dataclasses import replace
from itertools import count
from typing import Any

from sqlalchemy import select

from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.reactions import AlreadyHandled, Delivery
from subgraphs.shared.messaging.tables import OutboxRow
from subgraphs.shared.subgraph import Subgraph

_versions = count(1)


async def deliver(subgraph: Subgraph, fact: EventPayload | Event, *, attempt: int = 1) -> int:
    """
    Give *fact* to every reaction to it, for the time that *attempt* says; how many took effect.

    The event crosses the wire form on the way. Delivering the same `Event` object again is a redelivery; delivering
    a payload again is another event that says the same, and newer than all before it.
    """
    event = Event.decode((fact if isinstance(fact, Event) else in_order(fact)[0]).encode())
    effects = 0
    for reaction in subgraph.reactions:
        payload_class = reaction.payload_classes.get(event.type)
        if payload_class is None:
            continue
        payload = payload_class.model_validate(event.data)
        delivery = Delivery(
            event, payload, attempt, reaction.queue, services=subgraph.services, _database=subgraph.database
        )
        try:
            await reaction.handle(delivery)
            effects += 1
        except AlreadyHandled:
            continue
    return effects


async def deliver_together(subgraph: Subgraph, queue: str, *facts: EventPayload | Event) -> int:
    """Give *facts* to the reaction of *queue* as a set, in one transaction; how many were new to it."""
    (reaction,) = (reaction for reaction in subgraph.reactions if reaction.queue == queue)
    told = [fact if isinstance(fact, Event) else in_order(fact)[0] for fact in facts]
    read = [(event, reaction.payload_classes[event.type].model_validate(event.data)) for event in told]
    deliveries = [
        Delivery(event, payload, 1, queue, services=subgraph.services, _database=subgraph.database)
        for event, payload in read
    ]
    return await reaction.handle_together(subgraph.database, deliveries)


def in_order(*facts: EventPayload) -> list[Event]:
    """*facts* as events that their sources recorded one after another, to be delivered in any order."""
    return [replace(Event.of(fact), version=next(_versions)) for fact in facts]


async def recorded(subgraph: Subgraph, *types: str) -> list[dict[str, Any]]:
    """The data of recorded events of *types* (names without domain and version), in their order; all without types."""
    async with subgraph.database.read() as session:
        rows = (await session.scalars(select(OutboxRow).order_by(OutboxRow.id))).all()
    return [row.data for row in rows if not types or row.type.split(".")[1] in types]


async def recorded_types(subgraph: Subgraph) -> list[str]:
    """The names, without domain and version, of everything recorded, in its order."""
    async with subgraph.database.read() as session:
        rows = (await session.scalars(select(OutboxRow.type).order_by(OutboxRow.id))).all()
    return [name.split(".")[1] for name in rows]
