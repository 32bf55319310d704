"""The server under a router."""

from typing import Any

import uvicorn

from trevo.app import RouterApp
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
    """Ends what would stay open for hours before it waits for what is open."""

    def __init__(self, config: uvicorn.Config, app: RouterApp) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: Any = None) -> None:
        self._app.router.end_streams()
        await super().shutdown(sockets)
