"""
A new connection: the name looked up, and all its addresses tried.

*A connection that has been made is used.* Where the loop was held up, a timer rings late and in the same turn as the
news that it was set against. So when it rings, what has come is looked at first: a crowd that keeps the loop busy must
not lose its connections, and then make them all again.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, TypeVar

P = TypeVar("P", bound=asyncio.Protocol)

KNOWN_SECONDS = 10.0
"""How long what a name was found to mean is believed."""

_Found = tuple[int, tuple[Any, ...]]
"""The family of an address, and the address with its port, as sockets take it."""


class Connector:
    """Makes connections to *host* at *port*, each within *seconds_max*; the look-up of the name may take as long."""

    def __init__(self, host: str, port: int, seconds_max: float) -> None:
        self._host = host
        self._port = port
        self._seconds_max = seconds_max
        self._found: list[_Found] = []
        self._found_at = 0.0
        self._looking_up: asyncio.Task[list[_Found]] | None = None

    async def connect(self, make_protocol: Callable[[], P], *, elsewhere: bool = False) -> P:
        """
        A connection to the first address that takes one, of those after the first where it is to be *elsewhere*.

        Raises TimeoutError, or the OSError of the address tried last.
        """
        loop = asyncio.get_running_loop()
        found = await self._addresses(self._seconds_max)
        if elsewhere:
            found = [*found[1:], *found[:1]]
        end = loop.time() + self._seconds_max
        failure: OSError = OSError(f"no address of {self._host}")
        for number, address in enumerate(found):
            # One that does not answer leaves time for those after it.
            share = (end - loop.time()) / (len(found) - number)
            try:
                return await _connect_to(address, share, make_protocol)
            except OSError as error:
                failure = error
        self._found = []
        raise failure

    async def _addresses(self, seconds: float) -> list[_Found]:
        loop = asyncio.get_running_loop()
        if self._found and loop.time() - self._found_at <= KNOWN_SECONDS:
            return self._found
        # One at a time, for all who wait: a crowd would fill the loop's threads with the same question.
        if self._looking_up is None or self._looking_up.done():
            self._looking_up = loop.create_task(self._look_up())
            self._looking_up.add_done_callback(_hear)
        looking_up = self._looking_up
        await asyncio.wait({looking_up}, timeout=seconds)
        if not looking_up.done():
            raise TimeoutError
        return looking_up.result()

    async def _look_up(self) -> list[_Found]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        self._found = list(dict.fromkeys((int(family), address) for family, *_, address in found))
        self._found_at = loop.time()
        return self._found


async def _connect_to(address: _Found, seconds: float, make_protocol: Callable[[], P]) -> P:
    """A connection within *seconds*. Raises OSError, of which TimeoutError is one."""
    loop = asyncio.get_running_loop()
    family, where = address
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        try:
            async with asyncio.timeout(seconds):
                await loop.sock_connect(connecting, where)
        except TimeoutError:
            if not _is_connected(connecting):
                raise
        _, protocol = await loop.create_connection(make_protocol, sock=connecting)
    except BaseException:
        connecting.close()
        raise
    return protocol


def _hear(looking_up: "asyncio.Task[list[_Found]]") -> None:
    """So that nobody complains where all who waited for it have gone."""
    if not looking_up.cancelled():
        looking_up.exception()


def _is_connected(connecting: socket.socket) -> bool:
    try:
        connecting.getpeername()
    except OSError:
        return False
    return True
