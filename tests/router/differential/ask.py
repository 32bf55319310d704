"""Asking a router, and what it answers as a client would read it, whatever kind of operation it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from trevo.gateway.answer import answer
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.observability.tracing import begin_trace


@dataclass
class _Events:
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def open(self) -> None:
        """Nobody waits."""

    async def send_event(self, body: dict[str, Any], event_id: str | None = None) -> None:  # noqa: ARG002
        self.bodies.append(body)


async def ask(
    router: Router, text: str, variables: dict[str, Any], headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The answer; of a subscription one event, of which all have to be alike."""
    events = _Events()
    request = GraphQLRequest(text, variables=variables, headers=dict(headers or {}))
    result = await answer(request, begin_trace({}), router.engine, router.service, events)
    assert all(each == events.bodies[0] for each in events.bodies), events.bodies
    return dict(orjson.loads(orjson.dumps(events.bodies[0] if events.bodies else result.body)))
