"""The server under a router."""

from collections.abc import Callable
from typing import Any

import uvicorn

from trevo.server.app import RouterApp
from trevo.serving.config import ServingConfig


def server_config(app: RouterApp, *, host: str, port: int, stop_seconds_max: int) -> ServingConfig:
    """
    How *app* is served, by its own settings.

    *stop_seconds_max* is for requests that are being answered when the server is told to stop.
    """
    settings = app.router.settings
    return ServingConfig(
        app,
        settings.connections,
        host=host,
        port=port,
        trusted=settings.trusted_proxies,
        socket_bytes_max=settings.limits.body_bytes_max,
        stop_seconds_max=stop_seconds_max,
    )


class Server(uvicorn.Server):
    """Ends what would stay open for hours before it waits for what is open; calls *on_started* once it lets in."""

    def __init__(
        self, config: uvicorn.Config, app: RouterApp, *, on_started: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(config)
        self._app = app
        self._on_started = on_started

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: Any = None) -> None:
        self._app.router.end_streams()
        await super().shutdown(sockets)
