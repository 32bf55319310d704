"""
Pages of which origins may call (cross-origin resource sharing; the Fetch standard).

    https://app.example.org            that origin
    https://*.preview.example.org      each host with one label more
    https://app-*.example.org          likewise: the star stands for letters, digits and hyphens of one label
    http://localhost:*                 every port of this machine
    *                                  all

A star reaches over no dot and stands before two labels at least, so what it lets in belongs to whoever owns these.
(Names under which anybody can have a site, such as `github.io`, are nobody's: no list of them is kept here.)
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

ALL = "*"
SENT_BY_PAGES = (
    "authorization",
    "content-type",
    "content-encoding",
    "if-none-match",
    "last-event-id",
    # What clients and tracing tools of the field send along by themselves.
    "apollographql-client-name",
    "apollographql-client-version",
    "baggage",
    "sentry-trace",
    "traceparent",
    "tracestate",
)
"""Headers that a page may send wherever it may call at all."""

_LABEL = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
_EXACT = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://{_HOST}(?::(?P<port>[0-9]{{1,5}}))?")
_WITH_STAR = re.compile(
    rf"(?P<scheme>https?)://(?P<before>[a-z0-9-]*)\*(?P<after>[a-z0-9-]*)(?P<rest>(?:\.{_LABEL}){{2,}})"
    r"(?P<port>:[0-9]{1,5})?"
)
_ANY_PORT = re.compile(r"(?P<host>https?://(?:localhost|127\.0\.0\.1|\[::1\])):\*")
_USUAL_PORTS = {"http": "80", "https": "443"}
_HEADER = re.compile(r"[!#$%&'+.^_`|~0-9A-Za-z-]{1,100}")
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})


def _checked_origin(text: str) -> str:
    if text == ALL or _ANY_PORT.fullmatch(text) or _WITH_STAR.fullmatch(text):
        return text
    exact = _EXACT.fullmatch(text)
    if exact is None:
        what = "a star stands in the first of three labels or more, or for the port of localhost"
        what = what if ALL in text else "write it as browsers do, 'https://app.example.org', with nothing after it"
        raise ValueError(f"{text!r} is no origin: {what}")
    if exact["port"] is not None and exact["port"] == _USUAL_PORTS.get(exact["scheme"]):
        raise ValueError(f"{text!r} is no origin: browsers leave out the usual port")
    return text


def _checked_header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header")
    return name.lower()


def _checked_method(name: str) -> str:
    if name not in _METHODS:
        raise ValueError(f"{name!r} is none of {', '.join(sorted(_METHODS))}")
    return name


Origin = Annotated[str, AfterValidator(_checked_origin)]
_HeaderName = Annotated[str, AfterValidator(_checked_header)]
_Method = Annotated[str, AfterValidator(_checked_method)]


class CorsRules(BaseModel):
    """What pages of other origins may send and read, where they may call."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    credentials: bool = False
    """Whether their requests may have cookies and certificates along. A token that a page sends by itself needs no
    such permission."""
    methods: tuple[_Method, ...] = Field(("GET", "POST"), min_length=1)
    """Of their requests."""
    headers: tuple[_HeaderName, ...] = ()
    """That they may send, beside `authorization`, `content-type`, those of Apollo's and Sentry's clients and of tracing
    (`apollographql-client-name`, `sentry-trace`, `baggage`, `traceparent`, …), and what goes on to subgraphs."""
    exposed_headers: tuple[_HeaderName, ...] = ("retry-after",)
    """Of answers, that they may read beside `x-correlation-id` and what the Fetch standard lets them read."""
    max_age_seconds: int = Field(600, ge=0, le=86_400)
    """For how long a browser need not ask again whether a page may call; Chromium asks after two hours all the same."""
    private_network: bool = False
    """Whether pages of the public network may call a router in a private one (Private Network Access)."""


def check_origins(origins: Sequence[str], rules: CorsRules) -> None:
    """Raises ValueError for what would let in more than anybody can mean."""
    if ALL not in origins:
        return
    if rules.credentials:
        raise ValueError("with 'cors.credentials' origins must be named: '*' would let every page act as its visitor")
    if len(origins) > 1:
        raise ValueError("'*' is every origin: name no others beside it")


def is_allowed(origin: str, origins: Sequence[str]) -> bool:
    """Whether a page of *origin* may call."""
    if ALL in origins:
        return True
    if ALL not in origin and origin in origins:
        return True
    pattern = pattern_of(tuple(origins))
    return pattern is not None and re.fullmatch(pattern, origin) is not None


@cache
def pattern_of(origins: tuple[str, ...]) -> str | None:
    """A regular expression for the whole of an origin that one of *origins* with a star lets in; None without such."""
    patterns = [_pattern(each) for each in origins if ALL in each and each != ALL]
    return "|".join(patterns) or None


def _pattern(origin: str) -> str:
    if any_port := _ANY_PORT.fullmatch(origin):
        return rf"{re.escape(any_port['host'])}(?::[0-9]{{1,5}})?"
    before, _, after = origin.partition(ALL)
    return rf"{re.escape(before)}[a-z0-9-]+{re.escape(after)}"


def middleware_options(
    origins: Sequence[str], rules: CorsRules, *, sent: Iterable[str], read: Iterable[str]
) -> dict[str, Any]:
    """
    What Starlette's `CORSMiddleware` takes, so that pages of *origins* may call.

    They may send the headers *sent* and read those called *read*, beside what *rules* say.
    """
    return {
        "allow_origins": tuple(each for each in origins if each == ALL or ALL not in each),
        "allow_origin_regex": pattern_of(tuple(origins)),
        "allow_credentials": rules.credentials,
        "allow_methods": rules.methods,
        "allow_headers": sorted({*SENT_BY_PAGES, *sent, *rules.headers}),
        "expose_headers": tuple(dict.fromkeys((*read, *rules.exposed_headers))),
        "max_age": rules.max_age_seconds,
        "allow_private_network": rules.private_network,
    }
