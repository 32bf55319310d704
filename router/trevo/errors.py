"""
Errors that a client may read.

Two kinds, as two classes and not as a flag: what is raised as `RequestRefused` is written for the client and sent as
it is; any other exception is ours alone and leaves as one masked sentence with a trace id.
"""

from dataclasses import dataclass, field
from typing import Any

from trevo.door import exact_json

ResponsePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ClientError:
    """One member of a response's `errors`."""

    message: str
    code: str
    path: ResponsePath | None = None
    locations: tuple[tuple[int, int], ...] = ()
    """Line and column in the client's document, counted from 1."""
    service: str | None = None
    """The subgraph it comes from."""
    extensions: dict[str, Any] = field(default_factory=dict)
    deferred: frozenset[int] = frozenset()
    """The deferred fragments, by their numbers, for which alone the subgraph was asked."""

    def as_json(self) -> dict[str, Any]:
        """The error as the GraphQL specification (7.1.2) writes it."""
        # It may repeat what a client or a subgraph sent, and must not spoil the response for that.
        error: dict[str, Any] = {"message": exact_json.without_halves(self.message)}
        if self.locations:
            error["locations"] = [{"line": line, "column": column} for line, column in self.locations]
        if self.path is not None:
            error["path"] = list(self.path)
        extensions = {**self.extensions, "code": self.code}
        if self.service is not None:
            extensions["service"] = self.service
        error["extensions"] = extensions
        return error


class RequestRefused(Exception):
    """
    A request that will not be executed, and why.

    *status* is the HTTP status where the response's media type lets it be told; *is_transport* marks what went wrong
    below GraphQL (size, media type, token), where the status is told in every media type.
    """

    def __init__(
        self,
        *errors: ClientError,
        status: int = 400,
        is_transport: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors
        self.status = status
        self.is_transport = is_transport
        self.headers = headers or {}


def refuse(
    code: str, message: str, *, status: int = 400, is_transport: bool = False, headers: dict[str, str] | None = None
) -> RequestRefused:
    """A refusal with one error."""
    return RequestRefused(ClientError(message, code), status=status, is_transport=is_transport, headers=headers)
