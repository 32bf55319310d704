"""What uvicorn is told, whichever application it serves."""

from typing import Any

from trevo.door.client_address import NOBODY, TrustedProxies
from trevo.door.connections import ConnectionBounds, OpenConnections
from trevo.serving.open_files import allow_open_files
from trevo.serving.protocols import BoundedConfig, BoundedHttp

WEB_SOCKETS = "trevo.serving.web_sockets:BoundedWebSocket"
"""By its name, which uvicorn looks up where it is wanted."""

FILES_BESIDE_CONNECTIONS = 500
"""For databases, subgraphs, the broker, logs."""


class ServingConfig(BoundedConfig):
    """
    How an application is served: with *bounds* on connections, and for *stop_seconds_max* after it is told to stop.

    *socket_bytes_max* bounds a web socket's message; None: there are no web sockets.
    """

    def __init__(
        self,
        app: Any,
        bounds: ConnectionBounds,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        trusted: TrustedProxies = NOBODY,
        socket_bytes_max: int | None = None,
        stop_seconds_max: int = 10,
    ) -> None:
        super().__init__(
            app,
            host=host,
            port=port,
            http=BoundedHttp,
            ws="none" if socket_bytes_max is None else WEB_SOCKETS,
            ws_max_size=socket_bytes_max or 1,
            # Each connection would keep a compressor for messages of a few hundred bytes.
            ws_per_message_deflate=False,
            timeout_keep_alive=bounds.idle_seconds,
            lifespan="on",
            # Otherwise it is guessed, by whether a call is a coroutine.
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            # Whether a proxy is to be believed is our own setting (`client_address.py`).
            proxy_headers=False,
            timeout_graceful_shutdown=stop_seconds_max,
        )
        self.bounds = bounds
        self.connections = OpenConnections(bounds, trusted)
        allow_open_files(bounds.open_max + FILES_BESIDE_CONNECTIONS)
