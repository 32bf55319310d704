"""Refuses a GET that another site could have made a visitor's browser send (`config/csrf.py` has the whole rule)."""

from collections.abc import Mapping

from trevo.config.settings import Settings
from trevo.errors import refuse
from trevo.server.media_types import is_json

COOKIE = "cookie"


def check_forgery(headers: Mapping[str, str], settings: Settings) -> None:
    """Refuse a GET with *headers* that shows no sign that a browser would have asked first (`PREFLIGHT_REQUIRED`)."""
    if not _is_wanted(headers, settings) or is_json(headers.get("content-type")):
        return
    shown_by = settings.csrf.headers
    if any(headers.get(name, "").strip() for name in shown_by):
        return
    message = (
        f"Send this by POST, or with one of the headers {', '.join((*shown_by, 'content-type: application/json'))}."
    )
    raise refuse("PREFLIGHT_REQUIRED", message, status=403, is_transport=True)


def _is_wanted(headers: Mapping[str, str], settings: Settings) -> bool:
    if settings.csrf.gets == "cookies":
        return COOKIE in headers and (COOKIE in settings.forwarded_headers or COOKIE in settings.headers.propagated)
    return settings.csrf.gets == "all"
