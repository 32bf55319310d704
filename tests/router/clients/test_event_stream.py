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
EVENTS = [Event("next", b'{"a":\n1}'), Event("complete", b"")]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@given(cuts=st.sets(st.integers(1, len(TEXT) - 1)))
def test_events_are_the_same_however_they_are_cut(line_end: bytes, cuts: set[int]) -> None:
    text = TEXT.replace(b"\n", line_end)
    reader = EventReader(1_000)
    places = [0, *sorted(cuts), len(text)]
    chunks = [text[start:end] for start, end in pairwise(places)]
    assert [event for chunk in chunks for event in reader.feed(chunk)] == EVENTS


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
