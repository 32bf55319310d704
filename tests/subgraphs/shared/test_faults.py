"""A route that fails: one sentence and a trace id for the caller, the full text in the log under the same id."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from subgraphs.shared.faults import MaskFaults


def app() -> FastAPI:
    routes = FastAPI()
    routes.add_middleware(MaskFaults)

    @routes.get("/webhooks/{kind}")
    @routes.get("/oauth/{kind}")
    async def fail(kind: str) -> None:
        raise ConnectionRefusedError("db.internal:5432") if kind == "unavailable" else LookupError("row 7 of secrets")

    @routes.get("/half")
    async def half() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"half"
            raise LookupError("row 7 of secrets")

        return StreamingResponse(parts())

    return routes


async def call(path: str, sent: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """The ASGI messages that answer a GET of *path*."""
    messages = [] if sent is None else sent
    headers = [(b"x-correlation-id", b"trace-12345678")]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": headers,
        "asgi": {"spec_version": "2.4"},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await app()(scope, receive, send)
    return messages


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        (
            "/webhooks/unavailable",
            503,
            {
                "code": "SERVICE_UNAVAILABLE",
                "message": "Esta parte não está disponível agora; tente de novo.",
                "messageEnglish": "This part is not available at the moment; try again.",
                "traceId": "trace-12345678",
            },
        ),
        (
            "/webhooks/bug",
            500,
            {
                "code": "INTERNAL_SERVER_ERROR",
                "message": "Algo deu errado aqui.",
                "messageEnglish": "Something went wrong here.",
                "traceId": "trace-12345678",
            },
        ),
        (
            "/oauth/unavailable",
            503,
            {
                "error": "temporarily_unavailable",
                "error_description": "This part is not available at the moment; try again.",
                "trace_id": "trace-12345678",
            },
        ),
        (
            "/oauth/bug",
            500,
            {
                "error": "server_error",
                "error_description": "Something went wrong here.",
                "trace_id": "trace-12345678",
            },
        ),
    ],
)
async def test_a_fault_is_masked_and_logged_in_full(path: str, status: int, body: dict[str, Any]) -> None:
    with structlog.testing.capture_logs() as logged:
        start, rest = await call(path)
    assert (start["status"], orjson.loads(rest["body"])) == (status, body)
    assert (b"cache-control", b"no-store") in start["headers"]
    assert [(line["event"], line["path"], line["status"]) for line in logged] == [("route failed", path, status)]
    assert isinstance(logged[0]["exc_info"], Exception)


async def test_an_answer_that_has_begun_is_cut_off_not_mended() -> None:
    sent: list[dict[str, Any]] = []
    with pytest.raises(LookupError):
        await call("/half", sent)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
