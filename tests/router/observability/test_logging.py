"""What the log of a request holds, and what it never holds."""

import structlog

from trevo.gateway.request import GraphQLRequest
from trevo.observability.logging import add_correlation_id
from trevo.observability.tracing import correlation_id


async def test_neither_tokens_nor_values_of_variables_are_logged(router, graph):
    def fail(_request):
        raise RuntimeError("connection refused")

    graph.users.fault = fail
    with structlog.testing.capture_logs() as logs:
        await router.execute(
            GraphQLRequest(
                "query ($id: ID!) { user(id: $id) { id } }",
                variables={"id": "529.982.247-25"},
                headers={"authorization": "Bearer token-of-somebody"},
            )
        )
    assert [entry["event"] for entry in logs] == ["subgraph raised", "subgraph failed"]
    assert "connection refused" in logs[1]["detail"]
    text = repr(logs)
    assert "529.982" not in text
    assert "token-of-somebody" not in text


def test_every_line_has_the_correlation_id_of_its_request():
    token = correlation_id.set("request-1")
    try:
        assert add_correlation_id(None, "info", {"event": "x"}) == {"event": "x", "correlation_id": "request-1"}
    finally:
        correlation_id.reset(token)
    assert add_correlation_id(None, "info", {"event": "x"}) == {"event": "x"}
