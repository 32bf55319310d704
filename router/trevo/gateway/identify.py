"""Whose request it is, and until when somebody waits for its answer."""

from typing import Any

from trevo.auth.identity import Identity
from trevo.clients.subgraph_client import DEADLINE_HEADER, Deadline
from trevo.config.limits import Limits
from trevo.errors import RequestRefused, refuse
from trevo.extensions.told import Arrival, ClientRequest
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.service import Service
from trevo.observability.tracing import Trace


async def identify(request: GraphQLRequest, trace: Trace, service: Service) -> ClientRequest:
    """
    Who sent *request*, or why the token is not accepted; with its headers as extensions left them.

    Refuses with `BAD_REQUEST`, and as extensions do. Raises ExtensionFailed.
    """
    deadline = _deadline(request, service.settings.limits)
    headers = request.headers
    notes: dict[str, Any] = {}
    if service.extensions.looks_at_arrivals:
        arrival = Arrival(headers, request.address, deadline, trace, notes)
        await service.extensions.on_arrival(arrival)
        headers = arrival.headers
    identity: Identity | None = None
    refusal: RequestRefused | None = None
    try:
        identity = await service.identify(headers)
    except RequestRefused as error:
        refusal = error
    return ClientRequest(
        request.query,
        request.operation_name,
        request.variables,
        headers,
        request.address,
        identity,
        refusal,
        deadline,
        trace,
        request.document.id if request.document else None,
        notes,
        request.batch,
        request.extensions,
    )


def _deadline(request: GraphQLRequest, limits: Limits) -> Deadline:
    batch = request.batch
    if batch is None:
        return _own_deadline(request, limits)
    if batch.deadline is None:
        batch.deadline = _own_deadline(request, limits)
    return batch.deadline


def _own_deadline(request: GraphQLRequest, limits: Limits) -> Deadline:
    offered = request.headers.get(DEADLINE_HEADER)
    if offered is None:
        return Deadline.after(limits.deadline_seconds)
    if not offered.isascii() or not offered.isdecimal() or len(offered) > 9:
        raise refuse("BAD_REQUEST", f"'{DEADLINE_HEADER}' must be a whole number of milliseconds.", is_transport=True)
    return Deadline.after(min(limits.deadline_seconds, int(offered) / 1000))
