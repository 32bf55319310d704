"""From a method, a query string and a body to a GraphQL request (GraphQL over HTTP, 5)."""

from collections.abc import Callable, Mapping
from json import JSONDecodeError
from typing import Any
from urllib.parse import parse_qsl

from trevo.config.limits import Limits
from trevo.door import exact_json
from trevo.errors import RequestRefused, refuse
from trevo.extensions.told import Batch
from trevo.gateway.request import DocumentName, GraphQLRequest
from trevo.persisted.manifest import SHA256_PREFIX, is_document_id


def read_query_string(query_string: bytes, limits: Limits) -> dict[str, Any]:
    """The parameters of a GET request. Refuses with `REQUEST_TOO_LARGE` (413) and `BAD_REQUEST`."""
    if len(query_string) > limits.body_bytes_max:
        raise too_large(limits)
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise bad_request("The query string cannot be read.") from None
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        if name in parameters:
            raise bad_request(f"The parameter '{name}' is given twice.")
        parameters[name] = value
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = _json(parameters[name], f"The parameter '{name}'") if parameters[name] else None
    # In a query string nothing can be null, so an empty name stands for none.
    for name in ("operationName", "documentId"):
        parameters[name] = parameters.get(name) or None
    return parameters


def read_body(body: bytes) -> dict[str, Any] | list[Any]:
    """The parameters of a POST request, or what is to be those of several. Refuses with `BAD_REQUEST`."""
    document = _json(body, "The body")
    if not isinstance(document, (dict, list)):
        raise bad_request("The body must be a JSON object with a member 'query', or 'documentId'.")
    return document


def make_request(
    parameters: Mapping[str, Any],
    headers: Mapping[str, str],
    *,
    look: Callable[[DocumentName], str],
    address: str | None = None,
    changes_nothing: bool = False,
    batch: Batch | None = None,
    last_event_id: str | None = None,
) -> GraphQLRequest:
    """
    The request that *parameters* stand for; *look* gives the text where they only name it, or nothing.

    Refuses with `BAD_REQUEST` where one has the wrong type.
    """
    query = parameters.get("query")
    if query == "":
        query = None  # graphql-ws has its clients send a text, also where they name a document
    operation_name = parameters.get("operationName")
    variables = parameters.get("variables")
    extensions = parameters.get("extensions")
    if operation_name is not None and not isinstance(operation_name, str):
        raise bad_request("'operationName' must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise bad_request("'variables' must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise bad_request("'extensions' must be an object.")
    document = _document_name(parameters.get("documentId"), query, extensions)
    if document is None or document.has_text:
        if not isinstance(query, str) or not query.strip():
            raise bad_request("'query' must be a string with a GraphQL document.")
    else:
        query = look(document)
    return GraphQLRequest(
        query,
        operation_name,
        variables or {},
        headers,
        address,
        changes_nothing,
        document,
        batch,
        extensions or {},
        last_event_id,
    )


def _document_name(id_: Any, query: Any, extensions: Mapping[str, Any] | None) -> DocumentName | None:
    """By what the document is named: `documentId` (GraphQL over HTTP, appendix A), or Apollo's `persistedQuery`."""
    if id_ is not None:
        if query is not None:
            raise bad_request("Send 'query' or a document's id, not both.")
        if not isinstance(id_, str) or not is_document_id(id_):
            raise bad_request("'documentId' must be the id of a document.")
        return DocumentName(id_.removeprefix(SHA256_PREFIX), is_hash=id_.startswith(SHA256_PREFIX))
    named = extensions.get("persistedQuery") if extensions else None
    if named is None:
        return None
    hash_ = named.get("sha256Hash") if isinstance(named, dict) and named.get("version") == 1 else None
    if not isinstance(hash_, str) or not is_document_id(hash_):
        raise bad_request("'persistedQuery' must have the version 1 and a 'sha256Hash'.")
    return DocumentName(hash_, is_hash=True, has_text=query is not None)


def too_large(limits: Limits) -> RequestRefused:
    message = f"The request is larger than {limits.body_bytes_max} bytes."
    return refuse("REQUEST_TOO_LARGE", message, status=413, is_transport=True)


def _json(text: bytes | str, what: str) -> Any:
    try:
        return exact_json.loads(text)
    except JSONDecodeError as error:
        raise bad_request(f"{what} is not valid JSON (line {error.lineno}, column {error.colno}).") from None
    except ValueError:
        raise bad_request(f"{what} is not valid JSON.") from None


def bad_request(message: str) -> RequestRefused:
    return refuse("BAD_REQUEST", message, is_transport=True)
