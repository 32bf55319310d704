"""
Pages of long lists: `first` and `after`, answered as `nodes` with a `pageInfo`.

A cursor is the sort key of the last item, opaque to clients; so pages stay right while new items arrive, which page
numbers would not.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry
from graphql import GraphQLError

from subgraphs.shared.instants import read_instant

FIRST_DEFAULT = 20
FIRST_MAX = 100

Item = TypeVar("Item")

First = Annotated[
    int | None,
    strawberry.argument(description=f"How many to answer at most: 1 to {FIRST_MAX}; {FIRST_DEFAULT} when left out."),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Go on after this place: `pageInfo.endCursor` of the page before, from the same list. From the "
        "beginning when left out."
    ),
]


@strawberry.federation.type(shareable=True, description="Whether there is more, and where it starts.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether the list goes on after this page.")
    end_cursor: str | None = strawberry.field(
        description="Where this page ends: send it as `after` to get the next one. Null when the page is empty."
    )


@dataclass(frozen=True)
class Cursor:
    """A place in a list sorted by (instant, id)."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.id}".encode()).decode()

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        try:
            at, _, item_id = base64.urlsafe_b64decode(text.encode()).decode().partition("|")
            cursor = cls(at=read_instant(at), id=UUID(item_id))
        except (ValueError, binascii.Error, UnicodeError):
            raise _bad("`after` must be the endCursor of an earlier page") from None
        return cursor


@dataclass(frozen=True)
class PageRequest:
    """What part of a list is asked for: ask for `limit` rows, one more than the page, to see whether more follow."""

    first: int
    after: Cursor | None

    @property
    def limit(self) -> int:
        return self.first + 1

    @property
    def place(self) -> tuple[datetime, UUID] | None:
        """What the last item of the page before is sorted by."""
        return None if self.after is None else (self.after.at, self.after.id)


def page_request(first: int | None, after: str | None) -> PageRequest:
    """The page that a field's `first` and `after` ask for. Raises a client's error for bad values."""
    count = FIRST_DEFAULT if first is None else first
    if not 1 <= count <= FIRST_MAX:
        raise _bad(f"`first` must be between 1 and {FIRST_MAX}")
    return PageRequest(first=count, after=Cursor.decode(after) if after else None)


def cut_page(
    items: Sequence[Item], page: PageRequest, cursor_of: Callable[[Item], Cursor]
) -> tuple[Sequence[Item], PageInfo]:
    """The items that belong to *page* (of the up to `limit` found) and its `pageInfo`."""
    kept = items[: page.first]
    end = cursor_of(kept[-1]).encode() if kept else None
    return kept, PageInfo(has_next_page=len(items) > page.first, end_cursor=end)


def _bad(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})
