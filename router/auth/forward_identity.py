"""
Which headers a subgraph gets.

An allow-list: what a client sends beside it (cookies, invented identity headers, hop-by-hop headers) ends at the
router. What the router says of itself (ids, the peer's address) replaces whatever the client claimed.
"""

from collections.abc import Mapping

from router.core.settings import Settings
from router.observability.tracing import CORRELATION_HEADER, TRACEPARENT_HEADER, TRACESTATE_HEADER, Trace

FORWARDED_FOR = "x-forwarded-for"


def headers_for_subgraphs(
    headers: Mapping[str, str], trace: Trace, peer: str | None, settings: Settings
) -> dict[str, str]:
    """The headers of a fetch, for a request with *headers* (names in lower case) from the address *peer*."""
    sent = {name: headers[name] for name in settings.forwarded_headers if name in headers}
    sent[CORRELATION_HEADER] = trace.correlation_id
    sent[TRACEPARENT_HEADER] = trace.traceparent
    if trace.tracestate is not None:
        sent[TRACESTATE_HEADER] = trace.tracestate
    known = headers.get(FORWARDED_FOR) if settings.trusts_forwarded_for else None
    addresses = ", ".join(address for address in (known, peer) if address)
    if addresses:
        sent[FORWARDED_FOR] = addresses
    return sent
