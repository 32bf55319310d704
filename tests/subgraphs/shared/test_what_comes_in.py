"""Days, instants, identifiers and cursors take one form each."""

import base64
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from graphql import GraphQLError

from subgraphs.marketplace.api.sorted_pages import decode_cursor
from subgraphs.marketplace.crud.offering_search import SORT_KEYS, OfferingSort
from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.graphql.paging import Cursor
from subgraphs.shared.graphql.scalars import parse_date, parse_date_time, parse_id, write_date_time

ITEM = UUID("0190a0a0-0000-7000-8000-000000000001")


def test_a_day_and_an_instant_are_read() -> None:
    assert parse_date("2026-11-23") == date(2026, 11, 23)
    assert parse_date_time("2026-11-23T12:00:00.5Z") == datetime(2026, 11, 23, 12, 0, 0, 500_000, UTC)
    assert parse_date_time("2026-11-23T09:00:00-03:00") == datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2026, 11, 23, 12, tzinfo=UTC), "2026-11-23T12:00:00.000Z"),
        (datetime(2026, 11, 23, 9, tzinfo=BRASILIA), "2026-11-23T12:00:00.000Z"),
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, BRASILIA), "2027-01-01T02:59:59.999Z"),
        (datetime(2026, 11, 23, 12, 0, 0, 1_999, UTC), "2026-11-23T12:00:00.001Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_an_instant_is_written_in_one_form_which_is_read_again(instant: datetime, written: str) -> None:
    assert write_date_time(instant) == written
    assert write_date_time(parse_date_time(written)) == written


def test_what_has_no_offset_is_no_instant() -> None:
    with pytest.raises(ValueError, match="2026-11-23 12:00:00 has no offset"):
        write_date_time(datetime(2026, 11, 23, 12))  # noqa: DTZ001  # that is the point


@pytest.mark.parametrize(
    "text", ["20261123", "2026-W48-1", "2026-11-31", "२०२६-११-२३", "2026-11-23T00:00:00Z", 20261123]
)
def test_another_form_of_a_day_is_refused(text: object) -> None:
    with pytest.raises(GraphQLError, match='Date takes a day like "2026-11-23"'):
        parse_date(text)


@pytest.mark.parametrize(
    "text", ["2026-11-23T12:00:00", "2026-11-23", "20261123T120000Z", "2026-11-23 12:00:00Z", "2026-11-23T25:00:00Z", 0]
)
def test_another_form_of_an_instant_is_refused(text: object) -> None:
    with pytest.raises(GraphQLError, match="DateTime takes an instant with its offset"):
        parse_date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "{0190a0a0-0000-7000-8000-000000000001}",
        "urn:uuid:0190a0a0-0000-7000-8000-000000000001",
        "0190a0a0000070008000000000000001",
        "0190a0a0-0000-7000-8000-00000000000１",
        "0190a0a0-0000-7000-8000-00000_000001",
    ],
)
def test_an_identifier_has_one_name(text: str) -> None:
    assert parse_id(str(ITEM)) == ITEM
    assert parse_id(text) is None


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize("at", ["2026-11-23", "20261123T120000+0000", "2026-11-23T12:00:00"])
def test_a_cursor_is_one_that_we_made(at: str) -> None:
    with pytest.raises(GraphQLError, match="`after` must be the endCursor of an earlier page"):
        Cursor.decode(_cursor(f"{at}|{ITEM}"))


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("HIGHEST_RATE", "NaN"),
        ("HIGHEST_RATE", "1e9"),
        ("SHORTEST_TERM", "1_2"),
        ("SHORTEST_TERM", " 12"),
        ("MOST_FUNDED", "９"),
        ("MOST_FUNDED", "9" * 10),
        ("NEWEST", "20261123"),
    ],
)
def test_a_cursor_of_offerings_is_one_that_we_made(sort: str, value: str) -> None:
    with pytest.raises(GraphQLError, match="`after` must be the endCursor of an earlier page"):
        decode_cursor(OfferingSort(sort), _cursor(f"{sort}|{value}|{ITEM}"), SORT_KEYS[OfferingSort(sort)].parse)
