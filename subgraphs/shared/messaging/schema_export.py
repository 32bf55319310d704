"""
The published language in files: a JSON Schema per event type, and one AsyncAPI 3 document for all.

They are made from the payload classes and committed, so that a change of what other
domains rely on shows in review.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from subgraphs.shared.messaging.event import CONTENT_TYPE, EventPayload

ASYNCAPI_FILE = "asyncapi.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def export_schemas(
    published: Mapping[str, Iterable[type[EventPayload]]],
    consumed: Mapping[str, Iterable[type[EventPayload]]],
    folder: Path,
) -> list[Path]:
    """
    Write the files into *folder* and delete those of events that are gone.

    Answers what changed.
    """
    wanted = render_schemas(published, consumed)
    folder.mkdir(parents=True, exist_ok=True)
    changed = stale_files(published, consumed, folder)
    for path in changed:
        if path.name in wanted:
            path.write_bytes(wanted[path.name])
        else:
            path.unlink()
    return changed


def stale_files(
    published: Mapping[str, Iterable[type[EventPayload]]],
    consumed: Mapping[str, Iterable[type[EventPayload]]],
    folder: Path,
) -> list[Path]:
    """The files of *folder* that are missing, out of date, or no event's."""
    wanted = render_schemas(published, consumed)
    different = [
        folder / name
        for name, content in wanted.items()
        if not (folder / name).exists() or (folder / name).read_bytes() != content
    ]
    return different + sorted(path for path in folder.glob("*.json") if path.name not in wanted)


def render_schemas(
    published: Mapping[str, Iterable[type[EventPayload]]],
    consumed: Mapping[str, Iterable[type[EventPayload]]],
) -> dict[str, bytes]:
    """The content of every file by name."""
    payloads = {payload.type: payload for listed in published.values() for payload in listed}
    documents = {f"{name}.json": _payload_schema(payload) for name, payload in sorted(payloads.items())}
    documents[ASYNCAPI_FILE] = _asyncapi(payloads, consumed)
    return {name: orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n" for name, document in documents.items()}


def _payload_schema(payload: type[EventPayload]) -> dict[str, Any]:
    schema = payload.model_json_schema(mode="serialization")
    return {"$schema": _DIALECT, "$id": f"{payload.type}.json"} | schema | {"title": payload.type}


def _asyncapi(
    payloads: Mapping[str, type[EventPayload]], consumed: Mapping[str, Iterable[type[EventPayload]]]
) -> dict[str, Any]:
    operations = {f"{name.partition('.')[0]} sends {name}": _operation("send", name) for name in sorted(payloads)}
    for domain, listed in sorted(consumed.items()):
        for name in sorted({payload.type for payload in listed} & payloads.keys()):
            operations[f"{domain} receives {name}"] = _operation("receive", name)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Peerseed events",
            "version": "1.0.0",
            "description": "Facts that the domains tell each other: CloudEvents 1.0, structured JSON, at least once.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: _channel(name) for name in sorted(payloads)},
        "operations": operations,
        "components": {
            "schemas": {"CloudEvent": _ENVELOPE},
            "messages": {name: _message(payload) for name, payload in sorted(payloads.items())},
        },
    }


def _operation(action: str, name: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{name}"}}


def _channel(name: str) -> dict[str, Any]:
    exchange = {"name": "peerseed.events", "type": "topic", "durable": True}
    return {
        "address": name,
        "messages": {"event": {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _message(payload: type[EventPayload]) -> dict[str, Any]:
    own = {"properties": {"type": {"const": payload.type}, "data": {"$ref": f"./{payload.type}.json"}}}
    described = {"summary": payload.__doc__.strip().splitlines()[0]} if payload.__doc__ else {}
    return {
        "name": payload.type,
        **described,
        "contentType": CONTENT_TYPE,
        "payload": {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, own]},
    }


_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "The same in every copy: what to deduplicate by."},
        "source": {"type": "string", "description": "The domain that owns the fact."},
        "type": {"type": "string", "description": "domain.past_tense_fact.vN, the routing key."},
        "subject": {"type": "string", "description": "The aggregate, within which order is kept while nothing fails."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened."},
        "datacontenttype": {"const": "application/json"},
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]{1,20}$",
            "description": "Grows with every fact of one source and subject: refuse what is older than what you know.",
        },
        "traceparent": {"type": "string", "description": "W3C trace context."},
        "correlationid": {"type": "string", "description": "Shared by everything that one request set in motion."},
        "data": {"type": "object"},
    },
}
