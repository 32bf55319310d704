"""What happened to a person, in whatever domain."""

from datetime import datetime

import strawberry


@strawberry.interface(description="Something that happened to a person, for the time line of the home screens.")
class Activity:
    id: strawberry.ID
    occurred_at: datetime
    summary: str = strawberry.field(description="One sentence in Portuguese.")
