"""A sign-in, as the person sees it in the list of their devices."""

from datetime import datetime

import strawberry

from subgraphs.accounts import models
from subgraphs.accounts.api.types.vocabulary import SessionEnd
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.paging import PageInfo


@strawberry.type(description="A sign-in on one device.")
class Session:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    started_at: datetime = strawberry.field(description="When the person signed in.")
    last_used_at: datetime = strawberry.field(description="When it was last refreshed, or begun.")
    address: str | None = strawberry.field(description="The network address it was opened from.")
    user_agent: str | None = strawberry.field(description="What the program called itself.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it is open.")
    end_reason: SessionEnd | None = strawberry.field(description="Why it ended; null while it is open.")
    is_current: bool = strawberry.field(description="Whether this very request belongs to it.")

    @classmethod
    def from_model(cls, row: models.Session, *, current_id: str | None) -> "Session":
        return cls(
            id=strawberry.ID(str(row.id)),
            started_at=row.created_at,
            last_used_at=row.last_used_at,
            address=row.address,
            user_agent=row.user_agent,
            ended_at=row.ended_at,
            end_reason=None if row.end_reason is None else SessionEnd(row.end_reason),
            is_current=str(row.id) == current_id,
        )


@strawberry.type(description="A page of sign-ins, the newest first.")
class SessionPage:
    nodes: list[Session] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
