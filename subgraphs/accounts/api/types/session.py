"""A sign-in, as the person sees it in the list of their devices."""

from datetime import datetime

import strawberry

from subgraphs.accounts import models


@strawberry.type(description="A sign-in on one device that is still open.")
class Session:
    id: strawberry.ID
    started_at: datetime
    last_used_at: datetime
    address: str | None = strawberry.field(description="The network address it was opened from.")
    user_agent: str | None = strawberry.field(description="What the program called itself.")
    is_current: bool = strawberry.field(description="Whether this very request belongs to it.")

    @classmethod
    def from_model(cls, row: models.Session, *, current_id: str | None) -> "Session":
        return cls(
            id=strawberry.ID(str(row.id)),
            started_at=row.created_at,
            last_used_at=row.last_used_at,
            address=row.address,
            user_agent=row.user_agent,
            is_current=str(row.id) == current_id,
        )
