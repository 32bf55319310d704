"""Server-sent events, cut where a network may cut them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trevo.clients.event_stream import Event, EventReader, EventTooLarge

TEXT = b"""\
: hello

event: next
data: {"a":
data: 1}

:

id: 7
retry: 10
event:complete
data:

event: next
data"""
EVENTS = [Event("next", b'{"a":\n1}'), Event("complete", b"", "7")]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@given(cuts=st.sets(st.integers(1, len(TEXT) - 1)))
def test_events_are_the_same_however_they_are_cut(line_end: bytes, cuts: set[int]) -> None:
    text = TEXT.replace(b"\n", line_end)
    reader = EventReader(1_000)
    places = [0, *sorted(cuts), len(text)]
    chunks = [text[start:end] for start, end in pairwise(places)]
    assert [event for chunk in chunks for event in reader.feed(chunk)] == EVENTS


@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        (b"data: 1\nid: a b\n\ndata: 2\n\n", ["a b", None]),
        (b"id: 1\nid: 2\ndata: 1\n\n", ["2"]),
        (b"id: 1\n\ndata: 1\n\n", ["1"]),
        (b"id\ndata: 1\n\n", [""]),
        (b"id: x\0y\ndata: 1\n\n", [""]),
        (b"id: \xc3\xa9\ndata: 1\n\n", [""]),
        (b"id: " + b"x" * 200 + b"\ndata: 1\n\n", ["x" * 200]),
        (b"id: " + b"x" * 201 + b"\ndata: 1\n\n", [""]),
    ],
)
def test_events_have_their_ids_and_what_cannot_be_said_again_is_none(lines: bytes, ids: list[str | None]) -> None:
    assert [event.id for event in EventReader(1_000).feed(lines)] == ids


def test_an_event_may_not_grow_without_end() -> None:
    reader = EventReader(100)
    for _ in range(6):
        assert list(reader.feed(b"data: 0123456789\n")) == []
    with pytest.raises(EventTooLarge):
        list(reader.feed(b"data: 0123456789\n"))


def test_a_line_may_not_grow_without_end() -> None:
    reader = EventReader(100)
    assert list(reader.feed(b"x" * 100)) == []
    with pytest.raises(EventTooLarge):
        list(reader.feed(b"x"))


def test_comments_are_no_event_however_many() -> None:
    reader = EventReader(100)
    for _ in range(1_000):
        assert list(reader.feed(b": keep-alive\n")) == []
    assert list(reader.feed(b"event: next\ndata: 1\n\n")) == [Event("next", b"1")]
