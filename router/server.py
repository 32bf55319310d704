"""The server under a router: uvicorn, told what we want of it."""

from typing import Any

import uvicorn

from router.api.app import RouterApp
from router.core.limits import Limits


def server_config(app: RouterApp, limits: Limits, *, host: str, port: int, stop_seconds_max: int) -> uvicorn.Config:
    """
    How *app* is served.

    *stop_seconds_max* is for requests that are being answered when the server is told to stop.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=limits.body_bytes_max,
        # Each connection would keep a compressor for messages of a few hundred bytes.
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whether a proxy is to be believed is our own setting; the peer of a request is whoever connected.
        proxy_headers=False,
        timeout_graceful_shutdown=stop_seconds_max,
    )


class Server(uvicorn.Server):
    """Ends what would stay open for hours before it waits for what is open."""

    def __init__(self, config: uvicorn.Config, app: RouterApp) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: Any = None) -> None:
        self._app.router.end_streams()
        await super().shutdown(sockets)
