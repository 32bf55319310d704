"""Letting somebody act for a company no more."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.refusals import FreshProofRequired, LastAdministrator, RepresentationNotFound
from subgraphs.accounts.api.types.representation import Representation
from subgraphs.accounts.domain import representatives
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input
class EndRepresentationInput:
    representation_id: strawberry.ID


@strawberry.type(description="Their powers are over, and so are all sessions of theirs.")
class RepresentationEnded:
    representation: Representation


EndRepresentationResult = Annotated[
    RepresentationEnded | RepresentationNotFound | LastAdministrator | FreshProofRequired,
    strawberry.union("EndRepresentationResult"),
]


@strawberry.type
class EndRepresentationMutation:
    @strawberry.mutation(
        description="End a representative's powers: asked by who administers the company, acting for it, after a fresh "
        "proof; or by the representative themselves."
    )
    async def end_representation(self, info: Info, input: EndRepresentationInput) -> EndRepresentationResult:
        row = await representatives.end_representation(
            info.context.services, info.context.identity, require_id(input.representation_id)
        )
        return RepresentationEnded(representation=Representation.from_model(row))
