"""An analyst's word on an entry of a list."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.screening_hit import ScreeningHit
from subgraphs.accounts.api.types.vocabulary import HitDecision
from subgraphs.accounts.domain import refusals, screening
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import STAFF


@strawberry.input(description="Which entry of a list, and what is decided.")
class DecideScreeningHitInput:
    screening_hit_id: strawberry.ID = strawberry.field(description="The id of an open entry.")
    decision: HitDecision = strawberry.field(description="What is decided.")
    reason: str = strawberry.field(description="For the record; the person does not read it.")


@strawberry.type
class DecideScreeningHitMutation:
    @mutation(
        refusals.ScreeningHitNotFound,
        refusals.ScreeningHitAlreadyDecided,
        refusals.OwnIdentityCheck,
        description="Say whether an entry of a list is this person. Clearing one lets in again whom it locked out; "
        "confirming one of sanctions locks out. Staff only; written down.",
    )
    async def decide_screening_hit(self, info: Info, input: DecideScreeningHitInput) -> ScreeningHit:
        actor = info.context.require(*STAFF)
        hit = await screening.decide_hit(
            info.context.services,
            actor=actor,
            hit_id=require_id(input.screening_hit_id),
            decision=input.decision,
            reason=input.reason,
        )
        return ScreeningHit.seen_by(info.context, hit)
