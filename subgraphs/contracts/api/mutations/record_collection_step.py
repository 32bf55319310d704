"""`recordCollectionStep`: an analyst notes what was done to collect a CPR in default."""

from datetime import date

import strawberry

from subgraphs.contracts.api.types.collection import CollectionStep
from subgraphs.contracts.domain import collection, refusals
from subgraphs.contracts.models import CollectionStepKind
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key


@strawberry.input(description="What was done, and when.")
class RecordCollectionStepInput:
    cpr_id: strawberry.ID = strawberry.field(description="The id of a CPR that is in default.")
    kind: CollectionStepKind = strawberry.field(description="What was done.")
    taken_on: date = strawberry.field(description="The day on which it was done, today or before.")
    reference: str | None = strawberry.field(
        default=None, description="What others call it, in at most 100 characters: a case's or a protest's number."
    )
    note: str = strawberry.field(description="In 1 to 500 characters. The farmer reads it.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@mutation(
    refusals.CPRNotFound,
    refusals.OwnCPR,
    refusals.CPRNotInDefault,
    description="Note a step that was taken to collect a CPR in default (`CPR.collectionSteps`). It stays as it is "
    "noted. Analysts only.",
)
async def record_collection_step(info: Info, input: RecordCollectionStepInput) -> CollectionStep:
    actor = info.context.require(scopes.ANALYST)
    command = collection.RecordCollectionStep(
        cpr_id=require_id(input.cpr_id),
        kind=input.kind,
        taken_on=input.taken_on,
        reference=input.reference,
        note=input.note,
        idempotency_key=check_key(input.idempotency_key),
    )
    async with info.context.begin() as session:
        step = await collection.record_step(session, command, actor=actor, now=info.context.clock.now())
    return CollectionStep.from_model(step)
