"""
Every event of the platform: who publishes it, who reads it, and whether the two agree.

A domain's `schemas/events.py` lists what it publishes in `PUBLISHED`, and in
`SUPERSEDED` the older versions that may still be on their way; the payload classes
in `schemas/heard.py` are its readings of foreign events. Domains never import each
other, so nothing but this catalogue sees both sides of an event.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from subgraphs.shared.messaging.event import EventPayload

SUBGRAPHS = Path(__file__).resolve().parents[2]

Payloads = tuple[type[EventPayload], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Payload classes by domain."""

    published: Mapping[str, Payloads]
    consumed: Mapping[str, Payloads]
    superseded: Payloads = ()
    """Older versions of what is published: they are sent no more, but one may still be on its way."""

    def disagreements(self) -> list[str]:
        """
        What no reader could cope with, one sentence each.

        A reader may take fewer fields than there are. It may not need one that the
        publisher does not always send, nor read an event that nobody publishes.
        """
        found = [
            f"{domain} publishes {payload.type}, which is another domain's name"
            for domain, payloads in self.published.items()
            for payload in payloads
            if payload.type.partition(".")[0] != domain
        ]
        sent = {payload.type: payload for payloads in self.published.values() for payload in payloads}
        sent |= {payload.type: payload for payload in self.superseded}
        for domain, payloads in self.consumed.items():
            for payload in payloads:
                if payload.type not in sent:
                    found.append(f"{domain} reads {payload.type}, which nobody publishes")
                else:
                    found += _misreadings(domain, payload, sent[payload.type])
        return found


def discover(folder: Path = SUBGRAPHS) -> Catalogue:
    """The catalogue of all domains under *folder*, which is the package `subgraphs`."""
    published: dict[str, Payloads] = {}
    consumed: dict[str, Payloads] = {}
    superseded: Payloads = ()
    for path in sorted(folder.glob("*/schemas/events.py")):
        domain = path.parents[1].name
        module = import_module(f"subgraphs.{domain}.schemas.events")
        published[domain] = tuple(getattr(module, "PUBLISHED", ()))
        older: Payloads = tuple(getattr(module, "SUPERSEDED", ()))
        heard = import_module(f"subgraphs.{domain}.schemas.heard")
        # One that is said and in neither list would be nobody's: as something read, it is found out.
        forgotten = (payload for payload in _payloads_of(module) if payload not in (*published[domain], *older))
        consumed[domain] = (*_payloads_of(heard), *forgotten)
        superseded += older
    return Catalogue(published, consumed, superseded)


def passing_types(domain: str) -> frozenset[str]:
    """The types that *domain* publishes and nobody keeps."""
    published: Payloads = import_module(f"subgraphs.{domain}.schemas.events").PUBLISHED
    return frozenset(payload.type for payload in published if payload.passing)


def _payloads_of(module: ModuleType) -> Iterator[type[EventPayload]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, EventPayload) and hasattr(value, "type"):
            yield value


def _misreadings(domain: str, read: type[EventPayload], sent: type[EventPayload]) -> Iterator[str]:
    wanted = read.model_json_schema(mode="validation", by_alias=True)
    given = sent.model_json_schema(mode="serialization", by_alias=True)
    for name, schema in wanted.get("properties", {}).items():
        if name not in given.get("properties", {}):
            if name in wanted.get("required", ()):
                yield f"{domain} needs {name} of {read.type}, which its publisher does not send"
            continue
        kinds, sent_kinds = _kinds(schema, wanted), _kinds(given["properties"][name], given)
        if kinds and not sent_kinds <= kinds:
            unread = ", ".join(sorted(sent_kinds - kinds))
            yield f"{domain} cannot read {name} of {read.type} when it is: {unread}"


def _kinds(schema: dict[str, Any], document: dict[str, Any]) -> frozenset[str]:
    """The JSON types that *schema* allows; empty for any."""
    if reference := schema.get("$ref"):
        return _kinds(document["$defs"][reference.rpartition("/")[2]], document)
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        kinds = [_kinds(alternative, document) for alternative in alternatives]
        return frozenset[str]().union(*kinds) if all(kinds) else frozenset()
    match schema.get("type"):
        case "number":
            return frozenset({"number", "integer"})
        case str(kind):
            return frozenset({kind})
        case _:
            return frozenset()
