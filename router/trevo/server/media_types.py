"""
Which media types a request comes in and an answer goes out in (GraphQL over HTTP, 5 and 6).

`application/graphql-response+json` lets the status tell how the request fared; with `application/json` every
well-formed GraphQL request is answered 200, because such a client may take another status for a proxy's.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from trevo.door.media_types import EVENT_STREAM, GRAPHQL_RESPONSE, JSON
from trevo.errors import RequestRefused, refuse

MULTIPART = "multipart/mixed"
INCREMENTAL_SPEC = "incrementalspec"
"""The parameter by which a client of `multipart/mixed` says which form of the parts it knows."""
INCREMENTAL_SPEC_KNOWN = "v0.2"
_OF_ANY_MULTIPART = frozenset({"q", "charset", "boundary"})
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
"""RFC 9110, 12.4.2."""
_OFFERED = (JSON, GRAPHQL_RESPONSE)
KNOWN_CHARACTERS_MAX = 300
"""Of an `Accept` header whose meaning is remembered; no client that means something says more."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a client takes."""

    single: str | None = JSON
    """The media type for an answer that comes once; None where everything is to come as a stream."""
    stream: bool = False
    """Whether an answer may go on coming, as server-sent events."""
    parts: bool = False
    """Whether an answer may come in parts."""
    names_spec: bool = False
    """Whether the form of these parts was asked for by its name."""


def negotiate(accept: str | None, *, has_parts: bool) -> Accepted:
    """
    The media type of the answer.

    The most preferred of what is accepted; the first named among equals. Without an `Accept` header, and for `*/*`,
    JSON. A stream has to be asked for by its name: who accepts anything does not expect an answer without end. So have
    parts, where the router *has_parts*, unless an answer in one piece is preferred; who names a form of them that is
    not ours gets whole answers. Refuses with `NOT_ACCEPTABLE` (406), before anything is done.
    """
    if accept is None or not accept.strip():
        return Accepted()
    negotiating = _negotiate_known if len(accept) <= KNOWN_CHARACTERS_MAX else _negotiate
    return negotiating(accept, has_parts)


def _negotiate(accept: str, has_parts: bool) -> Accepted:
    best: tuple[float, int] | None = None
    chosen: str | None = None
    takes_stream = names_spec = False
    quality_of_parts = 0.0
    for position, entry in enumerate(accept.split(",")):
        media_type, parameters = _parse(entry)
        quality = quality_of(parameters.get("q"))
        if quality == 0 or parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
            continue
        takes_stream = takes_stream or media_type == EVENT_STREAM
        if has_parts and media_type == MULTIPART and _is_known_form(parameters):
            quality_of_parts, names_spec = max(quality, quality_of_parts), names_spec or INCREMENTAL_SPEC in parameters
        for offered in _OFFERED:
            if _matches(media_type, offered):
                if best is None or (quality, -position) > best:
                    best, chosen = (quality, -position), offered
                break
    takes_parts = quality_of_parts > 0 and (best is None or quality_of_parts >= best[0])
    if chosen is None and not takes_stream and not takes_parts:
        message = f"The answer can be had as {GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}, in UTF-8."
        raise refuse("NOT_ACCEPTABLE", message, status=406, is_transport=True)
    return Accepted(chosen, takes_stream, takes_parts, names_spec)


def _is_known_form(parameters: dict[str, str]) -> bool:
    """Whether a client of `multipart/mixed` understands our parts, or does not say what it understands."""
    named = {name: value for name, value in parameters.items() if name not in _OF_ANY_MULTIPART}
    return not named or named == {INCREMENTAL_SPEC: INCREMENTAL_SPEC_KNOWN}


_negotiate_known = lru_cache(maxsize=500)(_negotiate)


def is_json(content_type: str | None) -> bool:
    """Whether *content_type* is JSON's and nothing else's: two headers of which one is JSON's are not."""
    return _parse(content_type or "")[0] == JSON


def check_content_type(content_type: str | None) -> None:
    """
    Refuse a POST whose body is not JSON in UTF-8 (`UNSUPPORTED_MEDIA_TYPE`, 415).

    This is also what keeps other sites from sending requests with a visitor's credentials (`config/csrf.py`): a form or
    a simple cross-origin request cannot have this content type.
    """
    if content_type == JSON:
        return
    _, parameters = _parse(content_type or "")
    if not is_json(content_type):
        raise unsupported(f"Send the request with 'content-type: {JSON}'.")
    if parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
        raise unsupported("Send the request in UTF-8.")


def unsupported(message: str, *, headers: dict[str, str] | None = None) -> RequestRefused:
    return refuse("UNSUPPORTED_MEDIA_TYPE", message, status=415, is_transport=True, headers=headers)


def _parse(entry: str) -> tuple[str, dict[str, str]]:
    media_type, *parameters = entry.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return media_type.strip().lower(), {
        name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs
    }


def quality_of(text: str | None) -> float:
    """The weight that the parameter `q` gives (RFC 9110, 12.4.2); 0 where it is none."""
    if text is None:
        return 1.0
    return float(text) if _QUALITY.fullmatch(text) else 0.0


def _matches(accepted: str, offered: str) -> bool:
    return accepted in {offered, "*/*", "application/*"}
