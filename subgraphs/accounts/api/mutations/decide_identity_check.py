"""An analyst's decision."""

from typing import Annotated

import strawberry

from subgraphs.accounts.api.types.identity_check import IdentityCheck
from subgraphs.accounts.api.types.refusals import (
    IdentityCheckAlreadyDecided,
    IdentityCheckNotFound,
    InvalidInput,
    OwnIdentityCheck,
    ScreeningHitsOpen,
)
from subgraphs.accounts.domain import identity_checks
from subgraphs.accounts.domain.identity_checks import Decision
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import STAFF

strawberry.enum(Decision, name="IdentityDecision", description="What an analyst decides about an identity check.")


@strawberry.input
class DecideIdentityCheckInput:
    identity_check_id: strawberry.ID
    decision: Decision
    reason: str | None = strawberry.field(
        default=None, description="For the person, in Portuguese. Needed unless approved."
    )


DecideIdentityCheckResult = Annotated[
    IdentityCheck
    | IdentityCheckNotFound
    | IdentityCheckAlreadyDecided
    | OwnIdentityCheck
    | ScreeningHitsOpen
    | InvalidInput,
    strawberry.union("DecideIdentityCheckResult"),
]


@strawberry.type
class DecideIdentityCheckMutation:
    @strawberry.mutation(description="Approve, reject, or ask for a new upload. Staff only; written down.")
    async def decide_identity_check(self, info: Info, input: DecideIdentityCheckInput) -> DecideIdentityCheckResult:
        actor = info.context.require(*STAFF)
        check = await identity_checks.decide_check(
            info.context.services,
            actor,
            check_id=require_id(input.identity_check_id),
            decision=input.decision,
            reason=input.reason,
        )
        return IdentityCheck.from_model(check)
