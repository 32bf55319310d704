"""
Looks of staff in the graph: one field on `User` for each domain that has personal data, alike in all.

Who it is reads what was looked at, and when; administrators read besides who looked, and in which request. That an
administrator read it is a look as well.
"""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Context, Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.paging import After, Cursor, First, PageInfo, cut_page, page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import SIGHTS, Sight
from subgraphs.shared.staff_looks import StaffLook as Row
from subgraphs.shared.staff_looks import list_looks

ROW_ID_MAX = 2**63 - 1

strawberry.enum(Sight, name="PersonalDataKind", description="A kind of data that belongs to somebody.")


@strawberry.enum(description="Which looks of staff are meant.")
class LookSide(Enum):
    AT = "AT"
    """At this person's data."""
    BY = "BY"
    """By this person, of the staff, at others' data."""


@strawberry.federation.type(shareable=True, description="Somebody of the staff looked at a person's data.")
class StaffLook:
    user_id: strawberry.ID = strawberry.field(description="Whose data it is.")
    data: Sight = strawberry.field(description="What was looked at.")
    looked_at: datetime = strawberry.field(description="When it was looked at.")
    actor_id: strawberry.ID | None = strawberry.field(description="Who looked. For administrators; null for others.")
    correlation_id: str | None = strawberry.field(
        description="The request's, as the logs have it. For administrators; null for others."
    )

    @classmethod
    def seen_by(cls, context: Context, row: Row) -> Self:
        supervises = context.identity.may(*SIGHTS[Sight.LOOKS])
        return cls(
            user_id=strawberry.ID(str(row.user_id)),
            data=Sight(row.sight),
            looked_at=row.looked_at,
            actor_id=strawberry.ID(str(row.actor_id)) if supervises else None,
            correlation_id=row.correlation_id if supervises else None,
        )


@strawberry.federation.type(shareable=True, description="Looks of staff, the newest first.")
class StaffLookPage:
    nodes: list[StaffLook] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


async def _looks(
    self: Any,
    info: Info,
    side: Annotated[
        LookSide, strawberry.argument(description="Looks at this person's data unless BY is asked for.")
    ] = LookSide.AT,
    first: First = None,
    after: After = None,
) -> StaffLookPage | None:
    page = page_request(first, after)
    person_id = require_id(self.id)
    if not info.context.shows(person_id, Sight.LOOKS):
        return None
    # A cursor's id is a UUID; this table numbers its rows in the order in which they were written.
    before = min(page.after.id.int, ROW_ID_MAX) if page.after else None
    whose = {"at": person_id} if side is LookSide.AT else {"by": person_id}
    async with info.context.read() as session:
        rows = await list_looks(session, **whose, before=before, limit=page.limit)
    kept, page_info = cut_page(rows, page, lambda row: Cursor(row.looked_at, UUID(int=row.id)))
    return StaffLookPage(nodes=[StaffLook.seen_by(info.context, row) for row in kept], page_info=page_info)


def looks_field(data: str) -> Any:
    """A field of `User`: the looks of staff at *data* of theirs, as this domain has written them down."""
    return strawberry.field(
        resolver=_looks,
        description=f"Which looks staff had at {data}, the newest first. The person sees it, and administrators.",
        directives=[PAGED],
    )
