"""An analyst's decision."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.identity_check import IdentityCheck
from subgraphs.accounts.api.types.vocabulary import Decision
from subgraphs.accounts.domain import identity_checks, refusals
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import STAFF


@strawberry.input(description="Which check, and what is decided.")
class DecideIdentityCheckInput:
    identity_check_id: strawberry.ID = strawberry.field(description="The id of a check that waits for its result.")
    decision: Decision = strawberry.field(description="What is decided.")
    reason: str | None = strawberry.field(
        default=None, description="For the person, in Portuguese. Needed unless approved."
    )


@strawberry.type
class DecideIdentityCheckMutation:
    @mutation(
        refusals.IdentityCheckNotFound,
        refusals.IdentityCheckAlreadyDecided,
        refusals.OwnIdentityCheck,
        refusals.ScreeningHitsOpen,
        description="Approve, reject, or ask for a new upload. Staff only; written down.",
    )
    async def decide_identity_check(self, info: Info, input: DecideIdentityCheckInput) -> IdentityCheck:
        actor = info.context.require(*STAFF)
        check = await identity_checks.decide_check(
            info.context.services,
            actor=actor,
            check_id=require_id(input.identity_check_id),
            decision=input.decision,
            reason=input.reason,
        )
        return IdentityCheck.from_model(check)
