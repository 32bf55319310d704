"""
`/graphql` of a subgraph: the GraphQL-over-HTTP draft. POST with a JSON body, or GET for what changes nothing, JSON
back; and for subscriptions, where `text/event-stream` is accepted, events.

What a router asks all the time should cost what is asked, and not the way to it: the request is read from the
connection and its answer written to it (`trevo.serving.asgi`), without a framework in between.
"""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from prometheus_client import Histogram
from starlette.requests import ClientDisconnect, Request

from subgraphs.shared.event_stream import EventStreamResponse
from subgraphs.shared.faults import answer_fault
from subgraphs.shared.request_body import BadRequest, check_length, read_body, refuse_compressed
from subgraphs.shared.subgraph import MUTATION_NOT_ALLOWED, GraphQLRequest, Subgraph
from trevo.door import exact_json
from trevo.door.media_types import EVENT_STREAM, GRAPHQL_RESPONSE, JSON
from trevo.serving.asgi import Header, Receive, Scope, Send, connection_of, send_whole
from trevo.serving.request_headers import read_headers

DEADLINE_HEADER = "x-request-deadline-ms"
"""Milliseconds the caller will still wait; nothing is worth doing after that."""

REQUEST_SECONDS = Histogram("subgraph_request_seconds", "Time to answer a GraphQL request over HTTP.", ["subgraph"])

CONTENT_TYPES = {name: (b"content-type", name.encode()) for name in (JSON, GRAPHQL_RESPONSE)}
ALLOW_POST, ALLOW_BOTH = (b"allow", b"POST"), (b"allow", b"GET, POST")
BEARER = (b"www-authenticate", b"Bearer")


class _Told(NamedTuple):
    """What an answer says beside its body."""

    status: int
    headers: tuple[Header, ...] = ()


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests by *subgraph*."""

    def __init__(self, subgraph: Subgraph) -> None:
        self._subgraph = subgraph
        self._seconds = REQUEST_SECONDS.labels(subgraph.name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, headers = time.perf_counter(), read_headers(scope)
        accepted = headers.get("accept", "")
        try:
            request = await self._read(scope, receive, headers)
            if EVENT_STREAM not in accepted:
                result = await self._subgraph.execute(request)
                wants_graphql = GRAPHQL_RESPONSE in accepted
                told, result = _tell(result, wants_graphql=wants_graphql)
                body, media_type = exact_json.dumps(result), GRAPHQL_RESPONSE if wants_graphql else JSON
                self._seconds.observe(time.perf_counter() - started)
                await _send(scope, send, told, body, media_type)
                return
        except BadRequest as error:
            told = _Told(error.status, (ALLOW_BOTH,) if error.status == METHOD_NOT_ALLOWED else ())
            refusal = {"errors": [{"message": str(error), "extensions": {"code": "BAD_REQUEST"}}]}
            await _send(scope, send, told, exact_json.dumps(refusal), GRAPHQL_RESPONSE)
            return
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # masked, and logged there
            await answer_fault(send, scope["path"], error)
            return
        await EventStreamResponse(self._subgraph.subscribe(request))(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> GraphQLRequest:
        is_get, bytes_max = scope["method"] == "GET", self._subgraph.request_bytes_max
        if is_get:
            document = _in_query_string(Request(scope), bytes_max)
        elif scope["method"] == "POST":
            document = await _in_body(scope, receive, headers, bytes_max)
        else:
            raise BadRequest(METHOD_NOT_ALLOWED, "Send queries and subscriptions by GET or POST, mutations by POST.")
        if not isinstance(document, dict) or not isinstance(document.get("query"), str):
            raise BadRequest(400, "The request must have a string 'query'.")
        variables, operation_name = document.get("variables"), document.get("operationName")
        for name in ("variables", "extensions"):
            if document.get(name) is not None and not isinstance(document[name], dict):
                raise BadRequest(400, f"'{name}' must be an object.")
        if operation_name is not None and not isinstance(operation_name, str):
            raise BadRequest(400, "'operationName' must be a string.")
        client = scope.get("client")
        return GraphQLRequest(
            query=document["query"],
            variables=variables,
            operation_name=operation_name,
            headers=headers,
            deadline_seconds=_deadline(headers.get(DEADLINE_HEADER)),
            remote_address=client[0] if client else None,
            changes_nothing=is_get,
        )


METHOD_NOT_ALLOWED = 405


async def _in_body(scope: Scope, receive: Receive, headers: Mapping[str, str], bytes_max: int) -> Any:
    content_type = headers.get("content-type", "")
    if content_type != JSON and content_type.partition(";")[0].strip().lower() != JSON:
        raise BadRequest(415, "Send the request as application/json.")
    connection = connection_of(scope, receive)
    body = None if connection is None else connection.take_body()
    if body is None:
        body = await read_body(Request(scope, receive), bytes_max)
    else:
        refuse_compressed(headers.get("content-encoding"))
        check_length(len(body), bytes_max)
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


def _deadline(header: str | None) -> float | None:
    if header is None or not header.isdecimal() or len(header) > 9:
        return None
    return max(int(header) / 1000, 0.001)


def _tell(result: dict[str, Any], *, wants_graphql: bool) -> tuple[_Told, dict[str, Any]]:
    """What the head of an answer says, and *result* as it is told."""
    if result.get("data") is not None or "errors" not in result:
        return WELL, result
    told, error = WELL, result["errors"][0]
    if error["extensions"]["code"] == MUTATION_NOT_ALLOWED:
        told = _Told(METHOD_NOT_ALLOWED, (ALLOW_POST,))
    elif wants_graphql:
        status = _status_of(error)
        told = _Told(status, (BEARER,) if status == UNAUTHENTICATED else ())
    if not any("path" in each for each in result["errors"]):
        result = {"errors": result["errors"]}  # no data where nothing was begun (GraphQL, 7.1)
    return told, result


WELL, UNAUTHENTICATED = _Told(200), 401


def _status_of(error: Mapping[str, Any]) -> int:
    """Of an answer without data, by its first error."""
    code = error["extensions"]["code"]
    statuses = {"UNAUTHENTICATED": UNAUTHENTICATED, "SERVICE_UNAVAILABLE": 503, "TIMEOUT": 504}
    if code in statuses:
        return statuses[code]
    if "path" in error:
        return 200  # the operation had begun
    return 500 if code == "INTERNAL_SERVER_ERROR" else 400


async def _send(scope: Scope, send: Send, told: _Told, body: bytes, media_type: str) -> None:
    headers = [CONTENT_TYPES[media_type], *told.headers, (b"content-length", b"%d" % len(body))]
    await send_whole(send, told.status, headers, body, connection_of(scope, send))
