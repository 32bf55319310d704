"""
A subgraph over HTTP: `/graphql`, `/health`, `/ready`, and the domain's own routes.

The GraphQL route speaks the GraphQL-over-HTTP draft: POST with a JSON body, or GET for what changes nothing, JSON back;
and for subscriptions, where `text/event-stream` is accepted, events.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from prometheus_client import Histogram
from starlette.middleware.cors import CORSMiddleware

from subgraphs.shared.correlation import CORRELATION_HEADER
from subgraphs.shared.event_stream import EventStreamResponse
from subgraphs.shared.faults import MaskFaults
from subgraphs.shared.subgraph import MUTATION_NOT_ALLOWED, GraphQLRequest, Subgraph
from trevo.door import exact_json
from trevo.door.client_address import NOBODY, TrustedProxies
from trevo.door.cross_origin import CorsRules, middleware_options
from trevo.door.media_types import EVENT_STREAM, GRAPHQL_RESPONSE
from trevo.serving.client_address import ClientAddress
from trevo.serving.response_headers import ResponseHeaders

log = structlog.get_logger()

DEADLINE_HEADER = "x-request-deadline-ms"
"""Milliseconds the caller will still wait; nothing is worth doing after that."""


REQUEST_SECONDS = Histogram("subgraph_request_seconds", "Time to answer a GraphQL request over HTTP.", ["subgraph"])


class BadRequest(Exception):
    """A request that is no GraphQL request; *status* and message go back as they are."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def create_http_app(
    subgraph: Subgraph,
    *,
    lifespan: Any = None,
    trusted: TrustedProxies = NOBODY,
    cors_origins: Sequence[str] = (),
    cors: CorsRules | None = None,
) -> FastAPI:
    """
    The FastAPI application of *subgraph*; *trusted* are believed about whom they speak for (the router, proxies).

    Pages of *cors_origins* may call it, under the rules of *cors*.
    """
    app = FastAPI(title=f"Peerseed {subgraph.name}", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(MaskFaults)
    if cors_origins:
        told = (CORRELATION_HEADER,)
        options = middleware_options(cors_origins, cors or CorsRules(), sent=told, read=told)
        app.add_middleware(CORSMiddleware, **options)
    app.add_middleware(ClientAddress, trusted=trusted)
    app.add_middleware(ResponseHeaders)
    for router in (*subgraph.routes, *subgraph.internal_routes):
        app.include_router(router)

    @app.get("/graphql")
    @app.post("/graphql")
    async def graphql(request: Request) -> Response:
        started = time.perf_counter()
        try:
            graphql_request = await _read_request(request, subgraph.request_bytes_max)
        except BadRequest as error:
            body = {"errors": [{"message": str(error), "extensions": {"code": "BAD_REQUEST"}}]}
            return Response(orjson.dumps(body), error.status, media_type=GRAPHQL_RESPONSE)
        if EVENT_STREAM in request.headers.get("accept", ""):
            return EventStreamResponse(subgraph.subscribe(graphql_request))
        result = await subgraph.execute(graphql_request)
        REQUEST_SECONDS.labels(subgraph.name).observe(time.perf_counter() - started)
        return _json_response(request, result)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok", "subgraph": subgraph.name}

    @app.get("/ready")
    async def ready() -> Response:
        """It can do its work. Without the broker it can, and says that events do not flow."""
        readiness = await subgraph.readiness()
        return Response(orjson.dumps(readiness), 200 if readiness["ready"] else 503, media_type="application/json")

    return app


async def _read_request(request: Request, bytes_max: int) -> GraphQLRequest:
    is_get = request.method == "GET"
    document = _in_query_string(request, bytes_max) if is_get else await _in_body(request, bytes_max)
    if not isinstance(document, dict) or not isinstance(document.get("query"), str):
        raise BadRequest(400, "The request must have a string 'query'.")
    variables, operation_name = document.get("variables"), document.get("operationName")
    for name in ("variables", "extensions"):
        if document.get(name) is not None and not isinstance(document[name], dict):
            raise BadRequest(400, f"'{name}' must be an object.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest(400, "'operationName' must be a string.")
    return GraphQLRequest(
        query=document["query"],
        variables=variables,
        operation_name=operation_name,
        headers=dict(request.headers),
        deadline_seconds=_deadline(request.headers.get(DEADLINE_HEADER)),
        remote_address=request.client.host if request.client else None,
        changes_nothing=is_get,
    )


async def _in_body(request: Request, bytes_max: int) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequest(415, "Send the request as application/json.")
    body = await read_body(request, bytes_max)
    try:
        return exact_json.loads(body)
    except ValueError:
        raise BadRequest(400, "The body is not JSON.") from None


def _in_query_string(request: Request, bytes_max: int) -> dict[str, Any]:
    if len(request.url.query) > bytes_max:
        raise BadRequest(413, f"The query string is larger than {bytes_max} bytes.")
    document: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name in document:
            raise BadRequest(400, f"The parameter '{name}' is given twice.")
        document[name] = text or None  # nothing can be null there, so what is empty stands for none
    for name in ("variables", "extensions"):
        if document.get(name):
            try:
                document[name] = exact_json.loads(document[name])
            except ValueError:
                raise BadRequest(400, f"The parameter '{name}' is not JSON.") from None
    return document


async def read_body(request: Request, bytes_max: int) -> bytes:
    """The request's body. Raises BadRequest: 415 for a compressed one, 413 as soon as it is longer than *bytes_max*."""
    refuse_compressed(request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise BadRequest(413, f"The body is larger than {bytes_max} bytes.")
    return bytes(body)


def refuse_compressed(request: Request) -> None:
    """Raise BadRequest (415) for a compressed body: a few bytes of one can mean gigabytes, so none is unpacked."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise BadRequest(415, "Send the body uncompressed, without 'content-encoding'.")


def _deadline(header: str | None) -> float | None:
    if header is None or not header.isdecimal() or len(header) > 9:
        return None
    return max(int(header) / 1000, 0.001)


def _json_response(request: Request, result: dict[str, Any]) -> Response:
    wants_graphql = GRAPHQL_RESPONSE in request.headers.get("accept", "")
    status, headers = 200, {}
    if result.get("data") is None and "errors" in result:
        code = result["errors"][0]["extensions"]["code"]
        if code == MUTATION_NOT_ALLOWED:
            status, headers = 405, {"Allow": "POST"}
        elif wants_graphql:
            status = _status_of(result["errors"][0])
        if status == 401:
            headers = {"WWW-Authenticate": "Bearer"}
        if not any("path" in error for error in result["errors"]):
            result = {"errors": result["errors"]}  # no data where nothing was begun (GraphQL, 7.1)
    media_type = GRAPHQL_RESPONSE if wants_graphql else "application/json"
    return Response(exact_json.dumps(result), status, headers=headers, media_type=media_type)


def _status_of(error: Mapping[str, Any]) -> int:
    """Of an answer without data, by its first error."""
    code = error["extensions"]["code"]
    statuses = {"UNAUTHENTICATED": 401, "SERVICE_UNAVAILABLE": 503, "TIMEOUT": 504}
    if code in statuses:
        return statuses[code]
    if "path" in error:
        return 200  # the operation had begun
    return 500 if code == "INTERNAL_SERVER_ERROR" else 400
