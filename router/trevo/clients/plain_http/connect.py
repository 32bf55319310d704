"""A new connection: the name looked up, and all its addresses tried."""

import asyncio
import socket
from collections.abc import Callable
from typing import TypeVar

P = TypeVar("P", bound=asyncio.Protocol)

KNOWN_SECONDS = 10.0
"""How long what a name was found to mean is believed."""


class Connector:
    """Makes connections to *host* at *port*, each within *seconds_max*, the look-up of the name included."""

    def __init__(self, host: str, port: int, seconds_max: float) -> None:
        self._host = host
        self._port = port
        self._seconds_max = seconds_max
        self._found: list[str] = []
        self._found_at = 0.0
        self._looking_up = asyncio.Lock()

    async def connect(self, make_protocol: Callable[[], P]) -> P:
        """Raises TimeoutError, or the OSError of the address tried last."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds_max
        async with asyncio.timeout_at(end):
            addresses = await self._look_up()
        failure: OSError = OSError(f"no address of {self._host}")
        for number, address in enumerate(addresses):
            # One that does not answer leaves time for those after it.
            share = (end - loop.time()) / (len(addresses) - number)
            try:
                async with asyncio.timeout(share):
                    _, protocol = await loop.create_connection(make_protocol, address, self._port)
            except OSError as error:
                failure = error
            else:
                return protocol
        self._found = []
        raise failure

    async def _look_up(self) -> list[str]:
        loop = asyncio.get_running_loop()
        # One at a time, for all who wait: a crowd would fill the loop's threads with the same question.
        async with self._looking_up:
            if not self._found or loop.time() - self._found_at > KNOWN_SECONDS:
                found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                self._found = list(dict.fromkeys(str(address[0]) for *_, address in found))
                self._found_at = loop.time()
            return self._found
