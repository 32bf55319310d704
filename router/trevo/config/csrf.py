"""
What another site may not make a visitor's browser send (cross-site request forgery).

A browser sends what is in this table without asking us first; for all else it asks (a CORS preflight), and we say no
unless the page's origin is in `cors_origins`.

    POST, form or text/plain or no content type    never answered: a POST must be `application/json` (415)
    GET of a mutation                              never answered (405)
    GET of a query or a subscription               answered; its page cannot read the answer. With cookies that
                                                   subgraphs get, only if it shows that the browser had to ask
    web socket                                     not opened, unless the origin is this host or in `cors_origins`

The first, second and last rule cannot be switched off; the third is the setting below.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from trevo.config.header_rules import HeaderName

_SENT_ANYWAY = frozenset(
    {
        *("accept-language", "content-language", "range"),
        *(
            "authorization",
            "cache-control",
            "cookie",
            "date",
            "dnt",
            "origin",
            "pragma",
            "referer",
            "user-agent",
            "via",
        ),
    }
)
"""What a page may set, or a browser or a proxy adds, without anybody having been asked."""


def _shows_it(name: str) -> str:
    if name in _SENT_ANYWAY or name.startswith(("sec-", "x-forwarded-", "if-")):
        raise ValueError(f"{name!r} can come with a request that no browser asked about")
    return name


class CsrfRule(BaseModel):
    """Which GETs must show that a browser would have asked first, and how they show it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    gets: Literal["cookies", "all", "none"] = "cookies"
    """Of which it is wanted. `cookies`: of those that come with a cookie, where cookies go on to subgraphs
    (`forwarded_headers`, `headers`); `all`: of each, as where something before the router signs people in by their
    cookie or their network; `none`: of none. Else: `PREFLIGHT_REQUIRED`, 403."""
    headers: tuple[Annotated[HeaderName, AfterValidator(_shows_it)], ...] = Field(
        ("apollo-require-preflight", "x-apollo-operation-name", "x-requested-with"), min_length=1
    )
    """A request with one of these, not empty, shows it: no page can set them without being asked. So does
    `content-type: application/json`. Pages of `cors_origins` may send them."""
