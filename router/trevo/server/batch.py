"""
Several requests that come as one: an array in the body, answered by an array.

    [{query: "{ a }"}, {query: "{ b }"}]   →   [{"data": {"a": 1}}, {"data": {"b": 2}}]

Each is a request like any other, with its own rates, place, log line and errors. Together they have the time and the
price of one (`extensions.told.Batch`). They are answered at the same time; one after another where one of them may
change something. An answer is told by the array alone: what it would have said by a status or a header is in its error.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trevo.config.batching import Batching
from trevo.door.media_types import JSON
from trevo.errors import ClientError, RequestRefused, refuse
from trevo.extensions.told import Batch
from trevo.gateway.answer import answer
from trevo.gateway.conclude import conclude
from trevo.gateway.engine import Engine
from trevo.gateway.request import DocumentName, GraphQLRequest, may_have_changed_something
from trevo.gateway.result import Result, encode_result, refused
from trevo.gateway.service import Service
from trevo.gateway.shared_answers import Answered
from trevo.observability.tracing import Trace
from trevo.server.media_types import negotiate
from trevo.server.read_request import bad_request, make_request


class RequestBatch:
    """The entries of one batch, each a request or why it is none."""

    def __init__(
        self,
        entries: list[Any],
        headers: Mapping[str, str],
        *,
        look: Callable[[DocumentName], str],
        address: str | None,
    ) -> None:
        make = partial(make_request, headers=headers, look=look, address=address, batch=Batch())
        self._entries = [_read(entry, make) for entry in entries]

    @property
    def requests(self) -> tuple[GraphQLRequest, ...]:
        return tuple(each for each in self._entries if isinstance(each, GraphQLRequest))

    async def answer(self, trace: Trace, current_engine: Callable[[], Engine], service: Service) -> Result:
        """All answers as one."""
        if may_have_changed_something(*self.requests):
            written = [await _answer(each, trace, current_engine, service) for each in self._entries]
        else:
            answering = (_answer(each, trace, current_engine, service) for each in self._entries)
            written = await asyncio.gather(*answering)
        result = Result(is_batch=True)
        result.take(Answered(None, [], written=b"[" + b",".join(written) + b"]"))
        return result


def check_batch(entries: list[Any], settings: Batching, accept: str | None) -> None:
    """
    Refuse what is no batch here: `BATCHING_NOT_SUPPORTED`, `BATCH_TOO_LARGE`, `BAD_REQUEST`; `NOT_ACCEPTABLE` (406)
    where a client does not *accept* an answer that comes once.
    """
    if not settings.enabled:
        message = "Batches are not supported; send one operation per request, or several root fields in one operation."
        raise refuse("BATCHING_NOT_SUPPORTED", message, is_transport=True)
    if len(entries) > settings.operations_max:
        message = f"A batch has {settings.operations_max} operations at most; this one has {len(entries)}."
        raise refuse("BATCH_TOO_LARGE", message, is_transport=True)
    if not entries:
        raise bad_request("The batch is empty.")
    if negotiate(accept, has_parts=False).single is None:
        message = f"The answers to a batch can be had as {JSON}, in UTF-8."
        raise refuse("NOT_ACCEPTABLE", message, status=406, is_transport=True)


def _read(entry: Any, make: Callable[[dict[str, Any]], GraphQLRequest]) -> GraphQLRequest | RequestRefused:
    if not isinstance(entry, dict):
        return RequestRefused(ClientError("Each entry must be an object with a member 'query'.", "BAD_REQUEST"))
    try:
        return make(entry)
    except RequestRefused as refusal:
        return refusal.with_traceback(None)


async def _answer(
    entry: GraphQLRequest | RequestRefused, trace: Trace, current_engine: Callable[[], Engine], service: Service
) -> bytes:
    try:
        if isinstance(entry, RequestRefused):
            raise entry
        with service.requests.admit():
            result = await answer(entry, trace, current_engine(), service)
    except RequestRefused as refusal:
        result = refused(Result(), refusal)
        await conclude(result, service.extensions, 0.0)
    return encode_result(result, trace)
