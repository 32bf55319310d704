"""`PushDevice`: where a person is told by push."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.notifications import models
from subgraphs.notifications.api.types.vocabulary import Language, Platform
from subgraphs.shared.graphql import descriptions


@strawberry.type(description="A telephone or browser on which its person is told by push messages.")
class PushDevice:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    platform: Platform = strawberry.field(description="What it is.")
    language: Language | None = strawberry.field(
        description="In which messages to it are written; null where the person's choice holds."
    )
    registered_at: datetime = strawberry.field(description="When its app last said that it is there.")

    @classmethod
    def from_model(cls, row: models.PushDevice) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            platform=Platform(row.platform),
            language=Language(row.language) if row.language else None,
            registered_at=row.registered_at,
        )
