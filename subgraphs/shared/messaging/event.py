"""
An event is one immutable fact of a domain, in the CloudEvents 1.0 form.

A domain declares a payload class per type; the envelope (`Event`) is the same
for all. On the wire it is CloudEvents' structured JSON, so that a message can be
read whole with nothing but its body.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson
import pydantic

from subgraphs.shared.ids import new_id

CONTENT_TYPE = "application/cloudevents+json"

EVENT_SIZE_MAX = 256 * 1024
"""Bytes of one encoded event. Large enough for a distribution among a few thousand
holders, small enough that a full prefetch window stays in memory. Refused when
recorded, inside the business transaction, so that nothing unsendable is committed."""

TYPE_PATTERN = re.compile(r"(?P<domain>[a-z]+)\.[a-z][a-z0-9_]*\.v[1-9][0-9]*")
"""`domain.past_tense_fact.vN`, which is the routing key as well."""

_TEXT_MAX = 512
"""Characters of any attribute of the envelope."""

_SEQUENCE_DIGITS = 20
"""The `sequence` attribute is compared as text, so all have as many digits as the largest has."""


class MalformedEvent(ValueError):
    """A message that is not an event of ours. Trying again cannot help."""


class EventTooLarge(ValueError):
    """An event over `EVENT_SIZE_MAX`. Publish a reference to the data instead of the data."""


class EventPayload(pydantic.BaseModel):
    """
    What a fact says: one frozen class per event type.

        class HoldPlaced(EventPayload, type="wallet.hold_placed.v1", subject="hold_id"):
            hold_id: UUID
            amount_minor: int

    *type* names the event and *subject* the field that identifies the aggregate,
    which is the unit of ordering. Unknown fields are ignored (a tolerant reader),
    so that adding an optional field is not a new version. Each consumer may declare
    its own class with only the fields that it reads. A *passing* fact is worthless as
    soon as the next of its kind is told, and harmless to handle twice, as a heartbeat is:
    neither who tells it nor who hears it keeps it for long.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    """The event type that this class is the payload of."""
    subject_field: ClassVar[str]
    """The field whose value is the aggregate's id."""
    passing: ClassVar[bool] = False
    """Whether nothing remembers it once it is told."""

    def __init_subclass__(cls, *, type: str = "", subject: str = "", passing: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)  # Python's hook comes before the fields are known

    @classmethod
    def __pydantic_init_subclass__(
        cls, *, type: str = "", subject: str = "", passing: bool = False, **kwargs: Any
    ) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not type and not subject:
            return  # shared fields of several payloads
        if not TYPE_PATTERN.fullmatch(type):
            raise TypeError(f"{cls.__name__}: type {type!r} is not of the form domain.past_tense_fact.vN")
        if subject not in cls.model_fields:
            raise TypeError(f"{cls.__name__}: subject {subject!r} is not one of its fields")
        cls.type = type
        cls.subject_field = subject
        cls.passing = passing

    def subject(self) -> str:
        """The id of the aggregate that this fact is about."""
        return str(getattr(self, self.subject_field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact with its envelope. Its attributes are CloudEvents' own, with three extensions."""

    id: uuid.UUID
    """Identifies the fact: the same in every copy, on every retry and replay."""
    type: str
    source: str
    """The domain that owns the fact."""
    subject: str
    """The aggregate. Order is kept, as far as it is, among events of one subject."""
    time: datetime
    """When it happened, which is earlier than when it was sent."""
    data: dict[str, Any]
    version: int = 0
    """
    Grows with every fact that its source tells of its subject: the larger one was true later, in whatever order the
    two arrive (CloudEvents' extension `sequence`). Not comparable between sources. 0 before the fact is recorded, and
    of facts told before there were versions, which are older than all others.
    """
    traceparent: str | None = None
    """W3C trace context of the request that caused it (CloudEvents' distributed tracing extension)."""
    correlation_id: str | None = None
    """The same for everything that one request set in motion (extension `correlationid`)."""

    @classmethod
    def of(
        cls,
        payload: EventPayload,
        *,
        occurred_at: datetime | None = None,
        traceparent: str | None = None,
        correlation_id: str | None = None,
    ) -> "Event":
        """
        The event that carries *payload*, with a new id.

        An event that nothing caused begins its own chain: its correlation id is its id.
        """
        if occurred_at is not None and occurred_at.tzinfo is None:
            raise ValueError("occurred_at needs a time zone")
        event_id = new_id()
        return cls(
            id=event_id,
            type=payload.type,
            source=payload.type.partition(".")[0],
            subject=payload.subject(),
            time=occurred_at or datetime.now(UTC),
            data=payload.model_dump(mode="json"),
            traceparent=traceparent,
            correlation_id=correlation_id or str(event_id),
        )

    def encode(self) -> bytes:
        """
        The event as structured CloudEvents JSON.

        Raises EventTooLarge over the size limit.
        """
        attributes = {
            "specversion": "1.0",
            "id": str(self.id),
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "sequence": f"{self.version:0{_SEQUENCE_DIGITS}}" if self.version else None,
            "traceparent": self.traceparent,
            "correlationid": self.correlation_id,
            "data": self.data,
        }
        body = orjson.dumps({name: value for name, value in attributes.items() if value is not None})
        if len(body) > EVENT_SIZE_MAX:
            raise EventTooLarge(f"{self.type} has {len(body)} bytes; the limit is {EVENT_SIZE_MAX}")
        return body

    @classmethod
    def decode(cls, body: bytes) -> "Event":
        """
        Read an event that some peer sent.

        Raises MalformedEvent, with what is wrong, for anything that is not a
        CloudEvents 1.0 object with our attributes within their limits.
        """
        if len(body) > EVENT_SIZE_MAX:
            raise MalformedEvent(f"the message has {len(body)} bytes; the limit is {EVENT_SIZE_MAX}")
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise MalformedEvent(f"the message is not JSON: {error}") from None
        if not isinstance(document, dict):
            raise MalformedEvent("the message is not a JSON object")
        if document.get("specversion") != "1.0":
            raise MalformedEvent("specversion is not 1.0")
        data = document.get("data")
        if not isinstance(data, dict):
            raise MalformedEvent("data is not an object")
        event_type = _text(document, "type")
        if not TYPE_PATTERN.fullmatch(event_type):
            raise MalformedEvent(f"type {event_type!r} is not of the form domain.past_tense_fact.vN")
        return cls(
            id=_uuid(document),
            type=event_type,
            source=_text(document, "source"),
            subject=_text(document, "subject"),
            time=_time(document),
            data=data,
            version=_version(document),
            traceparent=_optional_text(document, "traceparent"),
            correlation_id=_optional_text(document, "correlationid"),
        )


def _text(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_MAX:
        raise MalformedEvent(f"{name} is not a text of 1 to {_TEXT_MAX} characters")
    return value


def _optional_text(document: Mapping[str, object], name: str) -> str | None:
    return None if document.get(name) is None else _text(document, name)


def _uuid(document: Mapping[str, object]) -> uuid.UUID:
    text = _text(document, "id")
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise MalformedEvent(f"id is not a UUID: {error}") from None


def _version(document: Mapping[str, object]) -> int:
    text = _optional_text(document, "sequence")
    if text is None:
        return 0
    if len(text) > _SEQUENCE_DIGITS or not (text.isascii() and text.isdecimal()):
        raise MalformedEvent(f"sequence is not a number of at most {_SEQUENCE_DIGITS} digits")
    return int(text)


def _time(document: Mapping[str, object]) -> datetime:
    text = _text(document, "time")
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedEvent(f"time is not RFC 3339: {error}") from None
    if time.tzinfo is None:
        raise MalformedEvent("time has no offset")
    return time
