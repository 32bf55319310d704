"""A connection that became a web socket. Loaded where there are any: its library takes a megabyte."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from trevo.door.connections import ConnectionPlace
from trevo.serving.protocols import OPEN, BoundedConfig


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """One connection that became a web socket; it keeps the *place* that it had."""

    config: BoundedConfig

    def __init__(self, *args: Any, place: ConnectionPlace, **options: Any) -> None:
        super().__init__(*args, **options)
        self._place = place

    def connection_lost(self, exc: Exception | None) -> None:
        self.config.connections.leave(self._place)
        OPEN.dec()
        super().connection_lost(exc)
