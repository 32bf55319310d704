"""From a method, a query string and a body to a GraphQL request (GraphQL over HTTP, 5)."""

from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any
from urllib.parse import parse_qsl

from trevo.config.limits import Limits
from trevo.door import exact_json
from trevo.errors import RequestRefused, refuse
from trevo.gateway.request import GraphQLRequest


def read_query_string(query_string: bytes, limits: Limits) -> dict[str, Any]:
    """The parameters of a GET request. Refuses with `REQUEST_TOO_LARGE` (413) and `BAD_REQUEST`."""
    if len(query_string) > limits.body_bytes_max:
        raise too_large(limits)
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise _bad("The query string cannot be read.") from None
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        if name in parameters:
            raise _bad(f"The parameter '{name}' is given twice.")
        parameters[name] = value
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = _json(parameters[name], f"The parameter '{name}'") if parameters[name] else None
    # In a query string nothing can be null, so an empty name stands for none.
    parameters["operationName"] = parameters.get("operationName") or None
    return parameters


def read_body(body: bytes) -> dict[str, Any]:
    """The parameters of a POST request. Refuses with `BAD_REQUEST` and `BATCHING_NOT_SUPPORTED`."""
    document = _json(body, "The body")
    if isinstance(document, list):
        raise refuse(
            "BATCHING_NOT_SUPPORTED",
            "Batches are not supported; send one operation per request, or several root fields in one operation.",
            is_transport=True,
        )
    if not isinstance(document, dict):
        raise _bad("The body must be a JSON object with a member 'query'.")
    return document


def make_request(
    parameters: Mapping[str, Any],
    headers: Mapping[str, str],
    *,
    address: str | None = None,
    changes_nothing: bool = False,
) -> GraphQLRequest:
    """The request that *parameters* stand for. Refuses with `BAD_REQUEST` where one has the wrong type."""
    query = parameters.get("query")
    operation_name = parameters.get("operationName")
    variables = parameters.get("variables")
    extensions = parameters.get("extensions")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _bad("'operationName' must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise _bad("'variables' must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise _bad("'extensions' must be an object.")
    if query is None and extensions and "persistedQuery" in extensions:
        raise refuse("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported", is_transport=True)
    if not isinstance(query, str) or not query.strip():
        raise _bad("'query' must be a string with a GraphQL document.")
    return GraphQLRequest(query, operation_name, variables or {}, headers, address, changes_nothing)


def too_large(limits: Limits) -> RequestRefused:
    message = f"The request is larger than {limits.body_bytes_max} bytes."
    return refuse("REQUEST_TOO_LARGE", message, status=413, is_transport=True)


def _json(text: bytes | str, what: str) -> Any:
    try:
        return exact_json.loads(text)
    except JSONDecodeError as error:
        raise _bad(f"{what} is not valid JSON (line {error.lineno}, column {error.colno}).") from None
    except ValueError:
        raise _bad(f"{what} is not valid JSON.") from None


def _bad(message: str) -> RequestRefused:
    return refuse("BAD_REQUEST", message, is_transport=True)
