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
from trevo.gateway.write_parts import OF_2022, OF_THE_DRAFT

MULTIPART = "multipart/mixed"
SUBSCRIPTION_SPEC = "subscriptionSpec=1.0"
"""The form of events as parts, as clients name it."""
EVENT_PARTS = f"{MULTIPART};{SUBSCRIPTION_SPEC}"
_FORMS = {form.lower(): form for form in ("", OF_THE_DRAFT, OF_2022, SUBSCRIPTION_SPEC)}
"""By what an `Accept` header says of them."""
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
    stream: str | None = None
    """How an answer may go on coming: as `EVENT_STREAM`, or `EVENT_PARTS`; None where it may not."""
    parts: str | None = None
    """In which form an answer may come in parts; empty for the draft's where none was named, None where it may not."""


def negotiate(accept: str | None, *, has_parts: bool) -> Accepted:
    """
    The media type of the answer.

    The most preferred of what is accepted; the first named among equals. Without an `Accept` header, and for `*/*`,
    JSON. A stream has to be asked for by its name: who accepts anything does not expect an answer without end. So have
    parts, where the router *has_parts*, unless an answer in one piece is preferred; who names a form of them that is
    none of ours gets whole answers. Refuses with `NOT_ACCEPTABLE` (406), before anything is done.
    """
    if accept is None or not accept.strip():
        return Accepted()
    negotiating = _negotiate_known if len(accept) <= KNOWN_CHARACTERS_MAX else _negotiate
    return negotiating(accept, has_parts)


def _negotiate(accept: str, has_parts: bool) -> Accepted:
    best: tuple[float, int] | None = None
    chosen: str | None = None
    stream: str | None = None
    parts: str | None = None
    quality_of_stream = quality_of_parts = 0.0
    for position, entry in enumerate(accept.split(",")):
        media_type, parameters = _parse(entry)
        quality = quality_of(parameters.get("q"))
        if quality == 0 or parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
            continue
        form = _form_of(parameters) if media_type == MULTIPART else None
        if media_type == EVENT_STREAM or form == SUBSCRIPTION_SPEC:
            if quality > quality_of_stream:
                stream, quality_of_stream = EVENT_PARTS if form else EVENT_STREAM, quality
        elif form is not None and has_parts and quality > quality_of_parts:
            parts, quality_of_parts = form, quality
        for offered in _OFFERED:
            if _matches(media_type, offered):
                if best is None or (quality, -position) > best:
                    best, chosen = (quality, -position), offered
                break
    if best is not None and quality_of_parts < best[0]:
        parts = None
    if chosen is None and stream is None and parts is None:
        message = f"The answer can be had as {GRAPHQL_RESPONSE}, {JSON}, {EVENT_STREAM} or {EVENT_PARTS}, in UTF-8."
        raise refuse("NOT_ACCEPTABLE", message, status=406, is_transport=True)
    return Accepted(chosen, stream, parts)


def _form_of(parameters: dict[str, str]) -> str | None:
    """Which form of `multipart/mixed` these *parameters* ask for; empty for any, None for none of ours."""
    named = (f"{name}={value}" for name, value in parameters.items() if name not in _OF_ANY_MULTIPART)
    return _FORMS.get(";".join(named))


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
