"""
Who asks too often is told to wait: 429 with `Retry-After`, and `RATE_LIMITED` with `retryAfterSeconds` in the error.

Counted is by what a client cannot choose: the person that a verified token names; without one the address that it comes
from, as our own proxies know it; and the root fields that the operation really asks for. Never by an operation's name.
"""

import math
from collections import Counter
from collections.abc import Awaitable

from trevo.config.rates import Rates
from trevo.door.client_address import subscriber_of
from trevo.door.rates import Rate
from trevo.errors import ClientError, RequestRefused
from trevo.extensions.extension import Extension
from trevo.extensions.told import ClientOperation, ClientRequest
from trevo.observability.metrics import Metrics
from trevo.rates.rate_stores import MemoryStore, RateStore, SharedStore


class RateLimits(Extension):
    """The rates of *rates*, counted where it says; without a store that replicas share in *own*, or in memory."""

    def __init__(self, rates: Rates, metrics: Metrics, own: RateStore | None = None) -> None:
        self._enabled = rates.enabled
        self._metrics = metrics
        self._person = Rate.parse(rates.person)
        self._address = Rate.parse(rates.address)
        self._address_ipv6 = Rate.parse(rates.address_ipv6)
        self._root_fields = {coordinates: Rate.parse(text) for coordinates, text in rates.root_fields.items()}
        own = MemoryStore(rates.remembered_max) if own is None else own
        self._store = own
        if rates.store_url is not None:
            self._store = SharedStore(
                rates.store_url.get_secret_value(),
                seconds_max=rates.store_seconds_max,
                meanwhile=own,
                tell=metrics.rate_store.set,
            )

    def on_request(self, request: ClientRequest) -> Awaitable[None] | None:
        """One operation more of a person, or from an address. Refuses with `RATE_LIMITED` (429)."""
        caller = _caller(request) if self._enabled else None
        if caller is None:
            return None
        if request.identity is not None:
            return self._take("person", caller, self._person)
        rate = self._address_ipv6 if request.address and ":" in request.address else self._address
        return self._take("address", caller, rate)

    def on_operation(self, operation: ClientOperation) -> Awaitable[None] | None:
        """What the operation asks for at its root, each alias by itself. Refuses with `RATE_LIMITED` (429)."""
        if not self._enabled or not self._root_fields:
            return None
        caller = _caller(operation.request)
        return None if caller is None else self._take_root_fields(operation, caller)

    async def _take_root_fields(self, operation: ClientOperation, caller: str) -> None:
        for coordinates, count in Counter(operation.root_fields()).items():
            if rate := self._root_fields.get(coordinates):
                await self._take(coordinates, f"{caller} {coordinates}", rate, count)

    async def close(self) -> None:
        await self._store.close()

    async def _take(self, rule: str, key: str, rate: Rate, tokens: int = 1) -> None:
        retry_after = await self._store.take(key, rate, tokens)
        if retry_after:
            self._metrics.rate_limited.labels(rule).inc()
            raise _rate_limited(math.ceil(retry_after))


def _caller(request: ClientRequest) -> str | None:
    """None for who comes by no transport: whoever embeds the router and calls it."""
    if request.identity is not None:
        return f"person {request.identity.person}"
    return None if request.address is None else f"address {subscriber_of(request.address)}"


def _rate_limited(seconds: int) -> RequestRefused:
    error = ClientError(
        f"Too many requests; try again in {seconds} s.", "RATE_LIMITED", extensions={"retryAfterSeconds": seconds}
    )
    return RequestRefused(error, status=429, is_transport=True, headers={"retry-after": str(seconds)})
