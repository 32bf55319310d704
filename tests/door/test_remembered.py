"""What texts mean is remembered, within bounds."""

import pytest

from trevo.door.remembered import remembered


@pytest.fixture
def read():
    """Notes what it is asked."""
    asked = []

    @remembered(entries_max=2, length_max=3)
    def length_of(text):
        """In characters."""
        asked.append(text)
        return len(text)

    length_of.asked = asked
    return length_of


def test_what_a_short_text_means_is_found_once(read):
    assert [read("abc"), read("abc"), read("")] == [3, 3, 0]
    assert read.asked == ["abc", ""]


def test_what_a_long_one_means_is_found_each_time_and_puts_out_nothing(read):
    assert [read("ab"), read("c"), read("abcd"), read("abcd"), read("ab"), read("c")] == [2, 1, 4, 4, 2, 1]
    assert read.asked == ["ab", "c", "abcd", "abcd"]


def test_of_more_than_there_is_room_for_those_asked_last_stay(read):
    for text in ("a", "b", "c", "b", "a"):
        read(text)
    assert read.asked == ["a", "b", "c", "a"]


def test_it_is_named_and_described_as_before(read):
    assert (read.__name__, read.__doc__) == ("length_of", "In characters.")
