"""
A client that asks once what several requests ask at the same time.

Two requests are the same if a subgraph cannot tell them apart but by what names one request alone: its ids and the time
it has left. So the key is made from what is really sent, after all rules about headers: the document, the variables as
JSON, every header with its value. A mutation is never shared, nor what cannot be written as JSON to the letter.

A failure is everyone's; for the subgraph's circuit it is that of the one request there was, since the circuit is looked
at behind this client. An answer with errors is not shared: an error may name the request that it belongs to. Then
everyone asks for themselves.
"""

from collections.abc import AsyncGenerator, Callable, Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from trevo.clients.subgraph_client import (
    DEADLINE_HEADER,
    Deadline,
    SubgraphClient,
    SubgraphFailed,
    SubgraphRequest,
    SubgraphResponse,
)
from trevo.door.exact_json import copy_tree
from trevo.observability.tracing import CORRELATION_HEADER, TRACEPARENT_HEADER, TRACESTATE_HEADER
from trevo.sharing.in_flight import InFlight

OF_ONE_REQUEST = frozenset({CORRELATION_HEADER, TRACEPARENT_HEADER, TRACESTATE_HEADER, DEADLINE_HEADER})
"""Headers that name a request or say how long it may take; no answer may depend on them."""
_ADDRESS = "x-forwarded-for"


def left_out(*, across_addresses: bool) -> frozenset[str]:
    """The headers in which two requests that are the same may differ."""
    return OF_ONE_REQUEST | {_ADDRESS} if across_addresses else OF_ONE_REQUEST


def told(headers: Mapping[str, str], left_out: frozenset[str]) -> Hashable:
    """What a subgraph is told by *headers*, without those *left_out*."""
    return frozenset([each for each in headers.items() if each[0] not in left_out])


# What would be written as something else than it is makes no key.
_TO_THE_LETTER = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


class SharingClient:
    """
    Asks *subgraph* by *client*, and tells *on_share* of each request that was not made.

    *across_addresses*: clients at different addresses may share.
    """

    def __init__(
        self, subgraph: str, client: SubgraphClient, *, across_addresses: bool, on_share: Callable[[], None]
    ) -> None:
        self.client = client
        self._subgraph = subgraph
        self._left_out = left_out(across_addresses=across_addresses)
        self._on_share = on_share
        self._in_flight: InFlight[SubgraphResponse] = InFlight()

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Raises SubgraphFailed."""
        key = None if request.is_mutation else self._key_of(request)
        if key is None:
            return await self.client.send(request)
        try:
            outcome = await self._in_flight.get(
                key,
                lambda until: self.client.send(replace(request, deadline=Deadline(until))),
                until=request.deadline.at,
                on_join=partial(self._join, request),
                ended_by_time=_is_late,
            )
        except TimeoutError:
            # The request goes on for who can wait longer; whether somebody is there to answer will be seen by that.
            message = f"The subgraph '{self._subgraph}' did not answer in time."
            raise SubgraphFailed(message, code="SUBREQUEST_TIMEOUT") from None
        if not outcome.is_shared:
            return outcome.value
        if not outcome.is_own and _names_a_request(outcome.value.body):
            if request.record is not None:
                request.record.is_shared = False
            return await self.client.send(request)
        # Whoever merges into it what others answer needs one of its own.
        return outcome.value._replace(body=copy_tree(outcome.value.body))

    def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """As *client* does: no two clients have one subscription."""
        return self.client.subscribe(request)

    async def close(self) -> None:
        """Close *client*."""
        await self.client.close()

    def _join(self, request: SubgraphRequest) -> None:
        self._on_share()
        if request.record is not None:
            request.record.is_shared = True

    def _key_of(self, request: SubgraphRequest) -> Hashable | None:
        variables = written_to_the_letter(request.variables)
        return None if variables is None else (request.document, variables, told(request.headers, self._left_out))


def written_to_the_letter(value: Any) -> bytes | None:
    """*value* as JSON that stands for nothing else; None where there is none."""
    try:
        return orjson.dumps(value, option=_TO_THE_LETTER)
    except TypeError:
        return None


def _is_late(error: BaseException) -> bool:
    return isinstance(error, SubgraphFailed) and error.code == "SUBREQUEST_TIMEOUT"


def _names_a_request(body: Any) -> bool:
    return not isinstance(body, dict) or bool(body.get("errors"))
