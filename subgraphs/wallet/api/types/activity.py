"""What home screens show as a time line, resolved by each domain for its own part."""

from datetime import datetime

import strawberry


@strawberry.federation.interface(description="Something that happened to a person: one line of their time line.")
class Activity:
    id: strawberry.ID
    occurred_at: datetime
    summary: str = strawberry.federation.field(description="One sentence, in Portuguese.")
