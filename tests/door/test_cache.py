"""The one bounded cache: what it keeps, what that weighs, what goes first."""

import sys
from dataclasses import dataclass

import pytest
from graphql import build_schema, parse

from trevo.door.cache import BoundedCache, memory_of


def sizes(*values: object) -> int:
    return sum(map(sys.getsizeof, values))


def test_the_least_recently_used_goes_first() -> None:
    cache: BoundedCache[str, int] = BoundedCache(entries_max=2, bytes_max=10_000)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_an_entry_weighs_what_key_and_value_take() -> None:
    cache: BoundedCache[str, list[str]] = BoundedCache(entries_max=10, bytes_max=100_000)
    cache.put("a", ["first", "second"])
    one = sizes("a", ["first", "second"], "first", "second")
    assert cache.weight == one
    cache.put("b", ["x" * 1_000])
    assert cache.weight == one + sizes("b", ["x"], "x" * 1_000)
    cache.forget("a")
    assert cache.weight == sizes("b", ["x"], "x" * 1_000)


def test_a_heavy_value_under_a_light_key_pushes_out_many_light_ones() -> None:
    answer = "x" * 5_000
    light = memory_of("a", "a!")
    cache: BoundedCache[str, str] = BoundedCache(entries_max=100, bytes_max=memory_of("heavy", answer) + light)
    for name in "abcde":
        cache.put(name, f"{name}!")
    assert cache.weight == 5 * light
    cache.put("heavy", answer)
    assert [cache.get(name) for name in "abcde"] == [None, None, None, None, "e!"]
    assert (len(cache), cache.weight) == (2, memory_of("heavy", answer) + light)


def test_what_is_heavier_than_the_whole_cache_is_not_kept() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(entries_max=2, bytes_max=500)
    cache.put("a", b"1")
    cache.put("b", bytes(1_000))
    assert (cache.get("a"), cache.get("b")) == (b"1", None)
    cache.put("a", bytes(1_000))
    assert (cache.get("a"), len(cache), cache.weight) == (None, 0, 0)


def test_an_entry_put_again_counts_once() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(entries_max=2, bytes_max=500)
    cache.put("a", bytes(100))
    cache.put("a", bytes(30))
    assert (cache.get("a"), len(cache), cache.weight) == (bytes(30), 1, memory_of("a", bytes(30)))


def test_a_weight_worked_out_elsewhere_is_taken() -> None:
    cache: BoundedCache[str, bytes] = BoundedCache(entries_max=2, bytes_max=500)
    cache.put("a", b"", weight=400)
    cache.put("b", b"", weight=101)
    assert (cache.get("a"), cache.get("b"), cache.weight) == (None, b"", 101)


def test_what_is_referred_to_twice_is_counted_once() -> None:
    text = "x" * 100
    assert memory_of([text, text]) == sizes([text, text], text)


@dataclass(slots=True)
class Slotted:
    member: list[str]


class Open:
    def __init__(self) -> None:
        self.member = ["x" * 50]


def test_members_of_objects_are_counted() -> None:
    slotted = Slotted(["x" * 50])
    assert memory_of(slotted) == sizes(slotted, slotted.member, slotted.member[0])
    opened = Open()
    assert memory_of(opened) == sizes(opened, opened.__dict__, "member", opened.member, opened.member[0])


@pytest.mark.parametrize("shared", [build_schema("type Query { a: Int }"), Slotted, memory_of, sys])
def test_what_everybody_shares_weighs_nothing(shared: object) -> None:
    assert memory_of([shared]) == sys.getsizeof([shared])


def test_a_document_weighs_a_hundred_times_its_text() -> None:
    text = "{ " + "field(first: 10) { leaf } " * 100 + "}"
    assert 50 * len(text) < memory_of(parse(text)) < 400 * len(text)


def test_what_nobody_asked_for_again_makes_way_for_its_like_and_for_nothing_else() -> None:
    cache: BoundedCache[str, str] = BoundedCache(entries_max=100, bytes_max=1_000, once_bytes_max=200)
    for name in "ab":
        cache.put(name, name, weight=100)
        assert cache.get(name) == name
    for name in "cdefg":
        cache.put(name, name, weight=100)
    assert (len(cache), cache.weight) == (4, 400)
    assert [cache.get(name) for name in "abcdefg"] == ["a", "b", None, None, None, "f", "g"]
    # All that is left has been asked for now, and counts no longer.
    cache.put("h", "h", weight=200)
    assert [cache.get(name) for name in "abfgh"] == list("abfgh")


def test_what_is_put_in_again_after_it_made_way_counts_as_asked_for() -> None:
    """However many come round in turn, all are kept from the second round on."""
    cache: BoundedCache[str, str] = BoundedCache(entries_max=100, bytes_max=1_000, once_bytes_max=200)
    found = []
    for _ in range(3):
        for name in "abcdefgh":
            found.append(cache.get(name) is not None)
            if not found[-1]:
                cache.put(name, name, weight=100)
    assert [found[first : first + 8].count(True) for first in (0, 8, 16)] == [0, 2, 8]


def test_what_was_asked_for_stays_so_where_it_is_put_in_anew_and_looking_is_not_asking() -> None:
    cache: BoundedCache[str, str] = BoundedCache(entries_max=100, bytes_max=1_000, once_bytes_max=100)
    cache.put("asked", "old", weight=10)
    cache.put("looked at", "old", weight=10)
    assert (cache.get("asked"), cache.look("looked at"), cache.look("nothing")) == ("old", "old", None)
    cache.put("asked", "new", weight=20)
    cache.put("looked at", "new", weight=20)
    cache.put("further", "", weight=100)
    assert (cache.get("asked"), cache.get("looked at"), cache.weight) == ("new", None, 120)


def test_of_those_that_made_way_no_more_are_remembered_than_could_be_kept() -> None:
    cache: BoundedCache[int, str] = BoundedCache(entries_max=10, bytes_max=1_000, once_bytes_max=100)
    for number in range(1_000):
        cache.put(number, "", weight=60)
    assert (len(cache), len(cache._gone)) == (1, 10)


def test_the_newest_is_kept_however_heavy() -> None:
    cache: BoundedCache[str, str] = BoundedCache(entries_max=10, bytes_max=1_000, once_bytes_max=100)
    cache.put("a", "a", weight=50)
    cache.put("b", "b", weight=900)
    assert (cache.get("a"), cache.get("b"), cache.weight) == (None, "b", 900)
