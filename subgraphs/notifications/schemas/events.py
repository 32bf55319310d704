"""The facts that notifications publishes: none."""

from subgraphs.shared.messaging.event import EventPayload

PUBLISHED: tuple[type[EventPayload], ...] = ()
"""This domain listens; it says nothing that another would react to."""
