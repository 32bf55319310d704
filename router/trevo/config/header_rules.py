"""
What becomes of headers on their way to subgraphs, beyond the list that is passed on.

Rules are applied one after another, those for all subgraphs before those of one. They can reach nothing that the router
says itself (whose request it is, how long it may take, how the body is to be read).
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

RULES_MAX = 100

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e]{0,8000}")
_OUR_OWN = frozenset(
    {
        *("accept", "accept-encoding", "content-encoding", "content-length", "content-type", "expect", "host"),
        *("connection", "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
        *("proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("traceparent", "tracestate", "x-correlation-id", "x-forwarded-for", "x-request-deadline-ms"),
    }
)
"""How the body is read, what belongs to one connection, and what the router itself says."""


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header")
    if name.lower() in _OUR_OWN:
        raise ValueError(f"{name!r} is the router's own to say, or ends at it")
    return name.lower()


HeaderName = Annotated[str, AfterValidator(_checked)]


def check_header(name: str, value: str) -> str:
    """*name* in lower case. Raises ValueError where it or *value* is none, or it is the router's own to say."""
    _check_value(value)
    return _checked(name)


def _check_value(value: str) -> None:
    if not _VALUE.fullmatch(value):
        raise ValueError("the value of a header is printable ASCII, 8,000 characters at most")


class HeaderRule(BaseModel):
    """
    One step: exactly one of *propagate*, *insert* and *remove*.

    `{"propagate": "x-tenant"}` passes on what the client sent; with `"rename"` under another name, with `"default"`
    also when it sent nothing. `{"insert": "x-api-key", "value": "…"}` says something to the subgraph, whatever the
    client sent under that name. `{"remove": "user-agent"}` keeps something back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    propagate: HeaderName | None = None
    """A header of the client's request."""
    rename: HeaderName | None = None
    """What the subgraph knows it as."""
    default: str | None = None
    """Sent in its place where the client has not sent it."""
    insert: HeaderName | None = None
    """A header that the router sends."""
    value: SecretStr | None = None
    """What it says. It is never shown."""
    remove: HeaderName | None = None
    """A header that the subgraph does not get."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        chosen = [name for name in ("propagate", "insert", "remove") if getattr(self, name) is not None]
        if len(chosen) != 1:
            raise ValueError("a header rule has exactly one of 'propagate', 'insert' and 'remove'")
        if (self.insert is None) != (self.value is None):
            raise ValueError("'insert' and 'value' belong together")
        if self.propagate is None and (self.rename is not None or self.default is not None):
            raise ValueError("'rename' and 'default' belong to 'propagate'")
        for value in (self.default or "", self.value.get_secret_value() if self.value else ""):
            _check_value(value)
        return self

    def apply(self, came: Mapping[str, str], sent: dict[str, str]) -> None:
        """Change what is *sent*, given what *came* (names in lower case)."""
        if self.propagate is not None:
            value = came.get(self.propagate, self.default)
            if value is not None:
                sent[self.rename or self.propagate] = value
        elif self.insert is not None and self.value is not None:
            sent[self.insert] = self.value.get_secret_value()
        elif self.remove is not None:
            sent.pop(self.remove, None)


class HeaderRules(BaseModel):
    """The rules, for example `ROUTER_HEADERS__ALL='[{"propagate": "x-tenant"}]'`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    all: tuple[HeaderRule, ...] = Field((), max_length=RULES_MAX)
    """For every subgraph."""
    subgraphs: dict[str, Annotated[tuple[HeaderRule, ...], Field(max_length=RULES_MAX)]] = Field(default_factory=dict)
    """For one, by its name, after those for all: `{"accounts": [{"insert": "x-api-key", "value": "…"}]}`."""

    @property
    def propagated(self) -> frozenset[str]:
        """Headers of clients that are read here."""
        rules = (*self.all, *(rule for rules in self.subgraphs.values() for rule in rules))
        return frozenset(rule.propagate for rule in rules if rule.propagate is not None)

    @cached_property
    def _by_subgraph(self) -> Mapping[str, Sequence[HeaderRule]]:
        return {name: (*self.all, *rules) for name, rules in self.subgraphs.items()}

    def for_subgraph(self, name: str) -> Sequence[HeaderRule]:
        """What is applied for the subgraph *name*, in order."""
        return self._by_subgraph.get(name, self.all)


class SubgraphHeaders:
    """The headers of one request's fetches, by subgraph."""

    __slots__ = ("_by_subgraph", "_came", "_passed_on", "_rules")

    def __init__(self, passed_on: dict[str, str], came: Mapping[str, str], rules: HeaderRules) -> None:
        self._passed_on = passed_on
        self._came = came
        self._rules = rules
        self._by_subgraph: dict[str, Mapping[str, str]] = {}

    def of(self, subgraph: str) -> Mapping[str, str]:
        """What *subgraph* is sent."""
        rules = self._rules.for_subgraph(subgraph)
        if not rules:
            return self._passed_on
        headers = self._by_subgraph.get(subgraph)
        if headers is None:
            sent = dict(self._passed_on)
            for rule in rules:
                rule.apply(self._came, sent)
            headers = self._by_subgraph[subgraph] = sent
        return headers
