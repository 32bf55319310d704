"""What was done to collect a debt, as its farmer and staff see it."""

from datetime import date, datetime
from typing import Self

import strawberry

from subgraphs.contracts import models
from subgraphs.contracts.api.types.vocabulary import CollectionStepKind
from subgraphs.shared.graphql import descriptions


@strawberry.type(description="A step that was taken to collect a CPR in default.")
class CollectionStep:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    kind: CollectionStepKind = strawberry.field(description="What was done.")
    taken_on: date = strawberry.field(description="The day on which it was done.")
    reference: str | None = strawberry.field(
        description="What others call it: a case's number at court, a protest's at the notary."
    )
    note: str = strawberry.field(description="In the words of staff.")
    recorded_at: datetime = strawberry.field(description="When it was noted.")

    @classmethod
    def from_model(cls, step: models.CollectionStep) -> Self:
        return cls(
            id=strawberry.ID(str(step.id)),
            kind=step.kind,
            taken_on=step.taken_on,
            reference=step.reference,
            note=step.note,
            recorded_at=step.recorded_at,
        )
