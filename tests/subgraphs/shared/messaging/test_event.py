"""The envelope and the payload classes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import orjson
import pydantic
import pytest

from subgraphs.shared.messaging.event import EVENT_SIZE_MAX, Event, EventPayload, MalformedEvent

HOLD_ID = UUID("01939b7e-6d3f-7c52-8a60-3d7f6b0a1c11")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class HoldPlaced(EventPayload, type="wallet.hold_placed.v1", subject="hold_id"):
    hold_id: UUID
    amount_minor: int
    rate: Decimal = Decimal("0.10")


def an_event() -> Event:
    return Event(
        id=UUID("01939b7e-6d3f-7c52-8a60-3d7f6b0a1c12"),
        type="wallet.hold_placed.v1",
        source="wallet",
        subject=str(HOLD_ID),
        time=NOON,
        data={"hold_id": str(HOLD_ID), "amount_minor": 100_00, "rate": "0.10"},
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        correlation_id="request-1234",
    )


def test_an_event_is_structured_cloudevents_json() -> None:
    assert orjson.loads(an_event().encode()) == {
        "specversion": "1.0",
        "id": "01939b7e-6d3f-7c52-8a60-3d7f6b0a1c12",
        "source": "wallet",
        "type": "wallet.hold_placed.v1",
        "subject": "01939b7e-6d3f-7c52-8a60-3d7f6b0a1c11",
        "time": "2026-11-23T12:00:00+00:00",
        "datacontenttype": "application/json",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "correlationid": "request-1234",
        "data": {"hold_id": "01939b7e-6d3f-7c52-8a60-3d7f6b0a1c11", "amount_minor": 10000, "rate": "0.10"},
    }


def test_what_is_encoded_is_decoded() -> None:
    assert Event.decode(an_event().encode()) == an_event()


def test_a_version_travels_as_text_that_sorts_like_the_number() -> None:
    bodies = [replace(an_event(), version=version).encode() for version in (9, 10, 2**63 - 1)]
    assert [orjson.loads(body)["sequence"] for body in bodies] == [
        "00000000000000000009",
        "00000000000000000010",
        "09223372036854775807",
    ]
    assert [Event.decode(body).version for body in bodies] == [9, 10, 2**63 - 1]


def test_a_fact_from_before_there_were_versions_is_older_than_all_others() -> None:
    assert Event.decode(an_event().encode()).version == 0


@pytest.mark.parametrize("sequence", ["", "-1", "1.0", "1_0", "٣", "9" * 21, 7])
def test_a_version_that_is_no_number_is_malformed(sequence: object) -> None:
    document = orjson.loads(an_event().encode()) | {"sequence": sequence}
    with pytest.raises(MalformedEvent, match="sequence is not"):
        Event.decode(orjson.dumps(document))


def test_a_payload_makes_its_event() -> None:
    payload = HoldPlaced(hold_id=HOLD_ID, amount_minor=100_00)
    event = Event.of(payload, occurred_at=NOON, correlation_id="request-1234")
    assert (event.type, event.source, event.subject) == ("wallet.hold_placed.v1", "wallet", str(HOLD_ID))
    assert (event.time, event.correlation_id, event.traceparent) == (NOON, "request-1234", None)
    assert event.data == {"hold_id": str(HOLD_ID), "amount_minor": 100_00, "rate": "0.10"}


def test_an_event_that_nothing_caused_begins_a_chain() -> None:
    event = Event.of(HoldPlaced(hold_id=HOLD_ID, amount_minor=1))
    assert event.correlation_id == str(event.id)


def test_an_instant_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="occurred_at needs a time zone"):
        Event.of(HoldPlaced(hold_id=HOLD_ID, amount_minor=1), occurred_at=datetime(2026, 1, 1))  # noqa: DTZ001  # meant


def test_another_offset_is_the_same_instant() -> None:
    local = an_event().encode().replace(b"2026-11-23T12:00:00+00:00", b"2026-11-23T09:00:00-03:00")
    assert Event.decode(local).time == NOON
    assert Event.decode(local).time.tzinfo == timezone(timedelta(hours=-3))


def test_a_payload_cannot_be_changed() -> None:
    payload = HoldPlaced(hold_id=HOLD_ID, amount_minor=1)
    with pytest.raises(pydantic.ValidationError):
        payload.amount_minor = 2  # type: ignore[misc]  # what is refused


def test_unknown_fields_are_ignored() -> None:
    read = HoldPlaced.model_validate({"hold_id": str(HOLD_ID), "amount_minor": 1, "colour": "green"})
    assert read == HoldPlaced(hold_id=HOLD_ID, amount_minor=1)


def test_payloads_may_share_fields() -> None:
    class AboutHold(EventPayload):
        hold_id: UUID

    class HoldReleased(AboutHold, type="wallet.hold_released.v1", subject="hold_id"):
        pass

    assert HoldReleased(hold_id=HOLD_ID).subject() == str(HOLD_ID)


@pytest.mark.parametrize(
    "event_type", ["hold_placed", "wallet.HoldPlaced.v1", "wallet.hold_placed", "wallet.hold_placed.v0", ""]
)
def test_a_type_names_domain_fact_and_version(event_type: str) -> None:
    with pytest.raises(TypeError, match="not of the form"):

        class Wrong(EventPayload, type=event_type, subject="hold_id"):
            hold_id: UUID


def test_the_subject_is_a_field() -> None:
    with pytest.raises(TypeError, match="'wallet_id' is not one of its fields"):

        class Wrong(EventPayload, type="wallet.hold_placed.v1", subject="wallet_id"):
            hold_id: UUID


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"specversion": "0.3"}, "specversion is not 1.0"),
        ({"id": "seven"}, "id is not a UUID: badly formed hexadecimal UUID string"),
        ({"id": 7}, "id is not a text of 1 to 512 characters"),
        ({"type": "Hold"}, "type 'Hold' is not of the form domain.past_tense_fact.vN"),
        ({"source": ""}, "source is not a text of 1 to 512 characters"),
        ({"subject": "s" * 513}, "subject is not a text of 1 to 512 characters"),
        ({"time": "noon"}, "time is not RFC 3339: Invalid isoformat string: 'noon'"),
        ({"time": "2026-11-23T12:00:00"}, "time has no offset"),
        ({"data": [1]}, "data is not an object"),
        ({"correlationid": 5}, "correlationid is not a text of 1 to 512 characters"),
    ],
)
def test_what_is_no_event_of_ours_says_why(change: dict[str, object], reason: str) -> None:
    body = orjson.dumps(orjson.loads(an_event().encode()) | change)
    with pytest.raises(MalformedEvent) as refusal:
        Event.decode(body)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xfe", "the message is not JSON: "),
        (b"[]", "the message is not a JSON object"),
        (b" " * (EVENT_SIZE_MAX + 1), "the message has 262145 bytes; the limit is 262144"),
    ],
)
def test_what_is_no_json_object_says_so(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedEvent, match=f"^{reason}"):
        Event.decode(body)
