"""Whose request it is, and until when somebody waits for its answer."""

from trevo.clients.subgraph_client import DEADLINE_HEADER, Deadline
from trevo.config.limits import Limits
from trevo.errors import RequestRefused, refuse
from trevo.gateway.request import ClientRequest, GraphQLRequest
from trevo.gateway.service import Service
from trevo.observability.tracing import Trace


async def identify(request: GraphQLRequest, trace: Trace, service: Service) -> ClientRequest:
    """
    Who sent *request*; one operation more of theirs. A token that is refused counts for the address that sent it.

    Refuses as the verifier does, with `RATE_LIMITED` (429) and `BAD_REQUEST`.
    """
    deadline = _deadline(request, service.settings.limits)
    try:
        identity = await service.identify(request)
    except RequestRefused:
        await service.rates.count_operation(None, request.address)
        raise
    await service.rates.count_operation(identity, request.address)
    return ClientRequest(
        request.query,
        request.operation_name,
        request.variables,
        request.headers,
        request.address,
        identity,
        deadline,
        trace,
    )


def _deadline(request: GraphQLRequest, limits: Limits) -> Deadline:
    offered = request.headers.get(DEADLINE_HEADER)
    if offered is None:
        return Deadline.after(limits.deadline_seconds)
    if not offered.isascii() or not offered.isdecimal() or len(offered) > 9:
        raise refuse("BAD_REQUEST", f"'{DEADLINE_HEADER}' must be a whole number of milliseconds.", is_transport=True)
    return Deadline.after(min(limits.deadline_seconds, int(offered) / 1000))
