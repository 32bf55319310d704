"""Letting somebody act for a company no more."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.representation import Representation
from subgraphs.accounts.domain import refusals, representatives
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.refusal import FreshProofRequired


@strawberry.input(description="Whose powers to end.")
class EndRepresentationInput:
    representation_id: strawberry.ID = strawberry.field(
        description="The id at `User.representatives` or `User.represents`."
    )


@strawberry.type(description="Their powers are over, and so are all sessions of theirs.")
class RepresentationEnded:
    representation: Representation = strawberry.field(description="The one that has ended.")


@strawberry.type
class EndRepresentationMutation:
    @mutation(
        refusals.RepresentationNotFound,
        refusals.LastAdministrator,
        FreshProofRequired,
        description="End a representative's powers: asked by who administers the company, acting for it, after a fresh "
        "proof; or by the representative themselves.",
    )
    async def end_representation(self, info: Info, input: EndRepresentationInput) -> RepresentationEnded:
        row = await representatives.end_representation(
            info.context.services, require_id(input.representation_id), actor=info.context.identity
        )
        return RepresentationEnded(representation=Representation.from_model(row))
