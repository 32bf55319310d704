"""`/health` and `/ready`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from trevo.server.respond import respond_json
from trevo.serving.asgi import ASGIApp, Receive, Scope, Send

ReadyCheck = Callable[[], Awaitable[Mapping[str, Any]]]
"""Answers with `ready`, a boolean, and whatever else is worth saying."""


async def health(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The process lives."""
    await respond_json(send, 200, {"status": "ok"})


def ready(checks: Mapping[str, ReadyCheck]) -> ASGIApp:
    """It can do its work: a supergraph is loaded, and what the embedder adds."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        results = {name: await check() for name, check in checks.items()}
        is_ready = all(result["ready"] for result in results.values())
        await respond_json(send, 200 if is_ready else 503, {"ready": is_ready, **results})

    return app
