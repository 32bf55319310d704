"""What home screens show as a time line, resolved by each domain for its own part."""

from datetime import datetime

import strawberry

from subgraphs.shared.graphql import descriptions


@strawberry.federation.interface(description=descriptions.ACTIVITY)
class Activity:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    occurred_at: datetime = strawberry.field(description=descriptions.OCCURRED_AT)
    summary: str = strawberry.federation.field(description=descriptions.SUMMARY)
