"""What happened to a person, in whatever domain."""

from datetime import datetime

import strawberry

from subgraphs.shared.graphql import descriptions


@strawberry.interface(description=descriptions.ACTIVITY)
class Activity:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    occurred_at: datetime = strawberry.field(description=descriptions.OCCURRED_AT)
    summary: str = strawberry.field(description=descriptions.SUMMARY)
