"""
Which headers a subgraph gets.

An allow-list: what a client sends beside it (cookies, invented identity headers, hop-by-hop headers) ends at the
router. What the router says itself (ids, the client's address) replaces whatever the client claimed. Rules
(`config/header_rules.py`) may then add, rename and keep back, for all subgraphs or one.

The address is one, the router's own finding (`door/client_address.py`), and no list: so a subgraph has to believe the
router only, and reads the header by the same rule as if a router of another make had added to the list.
"""

from collections.abc import Mapping

from trevo.config.header_rules import SubgraphHeaders
from trevo.config.settings import Settings
from trevo.observability.tracing import CORRELATION_HEADER, TRACEPARENT_HEADER, TRACESTATE_HEADER, Trace

FORWARDED_FOR = "x-forwarded-for"


def headers_for_subgraphs(
    headers: Mapping[str, str], trace: Trace, address: str | None, settings: Settings
) -> SubgraphHeaders:
    """The headers of the fetches of a request with *headers* (names in lower case) from *address*."""
    sent = {name: headers[name] for name in settings.forwarded_headers if name in headers}
    sent[CORRELATION_HEADER] = trace.correlation_id
    sent[TRACEPARENT_HEADER] = trace.traceparent
    if trace.tracestate is not None:
        sent[TRACESTATE_HEADER] = trace.tracestate
    if address is not None:
        sent[FORWARDED_FOR] = address
    return SubgraphHeaders(sent, headers, settings.headers)
