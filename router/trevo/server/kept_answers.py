"""
What an answer says of being kept (RFC 9111), and how it is asked whether it is still the same (RFC 9110, 13).

Only answers of which all is public are kept, as `operation/freshness.py` finds; all others are their reader's, and are
not to be stored. A client that has one asks by GET with `if-none-match`, and is told 304 where it still is the same.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from trevo.config.settings import Settings
from trevo.gateway.result import Result
from trevo.server.respond import NOT_TO_BE_KEPT
from trevo.serving.asgi import Header

WHO_ASKS = frozenset({"authorization", "cookie", "user-agent"})
"""Headers on which an answer that is public does not depend, although subgraphs are sent them."""


class KeptAnswers:
    """The headers of answers, under the settings."""

    def __init__(self, settings: Settings) -> None:
        told = {*settings.forwarded_headers, *settings.headers.propagated}
        if settings.override_labels_header is not None:
            told.add(settings.override_labels_header)
        names = ("accept", "accept-encoding", *sorted(told - WHO_ASKS))
        self._vary = (b"vary", ", ".join(names).encode())

    def headers_of(self, result: Result) -> Sequence[Header]:
        """What the answer that is *result* says of being kept."""
        if not result.seconds_kept:
            return NOT_TO_BE_KEPT
        return (b"cache-control", b"public, max-age=%d" % result.seconds_kept), self._vary


def tag_of(body: bytes) -> str:
    """The `etag` of *body*: a weak one, for it is the same in whatever coding it goes."""
    return f'W/"{blake2b(body, digest_size=16).hexdigest()}"'


def has_it(headers: Mapping[str, str], tag: str) -> bool:
    """Whether a client that sends *headers* has what *tag* names."""
    wanted = headers.get("if-none-match")
    if wanted is None:
        return False
    return wanted.strip() == "*" or tag.removeprefix("W/") in (
        each.strip().removeprefix("W/") for each in wanted.split(",")
    )
