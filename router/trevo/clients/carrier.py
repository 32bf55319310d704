"""
How one HTTP request gets to a subgraph and its answer back, whatever GraphQL makes of them.

Two carriers keep this protocol: `plain_http/` (our own, plain HTTP/1.1 to internal addresses) and `library_http.py`
(a library's, for everything else). What they may take of the other side's answer is the same, and stands here.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from trevo.clients.subgraph_client import Deadline
from trevo.door.media_types import GRAPHQL_RESPONSE

KEPT_SECONDS = 4.0
"""How long an unused connection is kept. Many servers (uvicorn, Node) close theirs after five seconds; whoever closes
first decides whether a request can fall into the gap, and a mutation that did could not be sent again."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OF_THE_CONNECTION = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"),
        *("expect", "http2-settings", "proxy-connection", "accept-encoding", "content-encoding"),
    }
)


class AnswerTooLarge(Exception):
    """The answer is larger than it may be."""


class AnswerBroken(ConnectionError):
    """An answer has begun, and is none, or does not end."""


class HttpAnswer(NamedTuple):
    """An answer that has come whole."""

    status: int
    media_type: str
    """In lower case, without parameters."""
    body: bytes
    """Empty if `is_read` says that nobody reads it."""


def is_read(status: int, media_type: str) -> bool:
    """
    Whether the body of such an answer is GraphQL's.

    A status other than 2xx counts as an answer only with the media type that says so (GraphQL over HTTP, 6.4);
    anything else may come from a proxy that never heard of GraphQL.
    """
    return 200 <= status < 300 or media_type == GRAPHQL_RESPONSE


class Carrier(Protocol):
    """Carries requests to one address."""

    async def post(
        self, body: bytes, headers: Mapping[str, str], *, deadline: Deadline, may_repeat: bool, is_again: bool = False
    ) -> HttpAnswer:
        """
        Send *body* and wait for the whole answer, until *deadline*. Redirects are not followed.

        Where a kept connection turns out to be closed, the request is sent once more if it *may_repeat*: then nothing
        is done twice that must not be. An answer of which a byte has come is never asked for again.

        *is_again*: it was sent before, and nobody answered. So it goes on a new connection, and to another address than
        usual where there are several, as far as the carrier decides that.

        Raises TimeoutError; AnswerTooLarge; ValueError or TypeError if this cannot be sent; OSError if there is no
        whole answer, for whatever other reason: AnswerBroken if one had begun.
        """
        ...

    async def close(self) -> None:
        """Give back all connections."""
        ...


@lru_cache(maxsize=1_000)
def check_names(names: tuple[str, ...]) -> None:
    """
    Raises ValueError if one of *names*, in lower case, is none that a header of a request may have.

    What frames a message or belongs to a connection is the carrier's own to say: two opinions about where a request
    ends would let one request hide in another.
    """
    for name in names:
        if not _NAME.fullmatch(name) or name.lower() in _OF_THE_CONNECTION:
            raise ValueError(f"{name!r} cannot be sent as a header")
