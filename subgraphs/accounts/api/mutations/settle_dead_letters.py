"""An administrator has messages that could not be handled delivered again, or deleted."""

from datetime import timedelta

import strawberry

from subgraphs.accounts.api.context import Context, Info
from subgraphs.accounts.domain import dead_letters, refusals
from subgraphs.accounts.models import DeadLetterAction
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.proposals import REASON_DESCRIPTION
from subgraphs.shared.proposals import check_reason
from subgraphs.shared.refusal import FreshProofRequired
from subgraphs.shared.scopes import ADMIN

FRESH_PROOF = timedelta(minutes=5)


@strawberry.input(description="Which dead letters, and why.")
class SettleDeadLettersInput:
    ids: list[strawberry.ID] = strawberry.field(description="1 to 100.")
    reason: str = strawberry.field(description=REASON_DESCRIPTION)


@strawberry.type(description="So many were there, and are not dead letters any more.")
class DeadLettersSettled:
    count: int = strawberry.field(description="How many of those that were named.")


async def _settle(context: Context, action: DeadLetterAction, input: SettleDeadLettersInput) -> DeadLettersSettled:
    actor = context.require(ADMIN)
    require_fresh_proof(actor, within=FRESH_PROOF)
    count = await dead_letters.settle(
        context.dead_letters,
        set(input.ids),
        action=action,
        database=context.database,
        actor_id=actor.user_id,
        reason=check_reason(input.reason),
        correlation_id=context.correlation_id,
        now=context.clock.now(),
    )
    return DeadLettersSettled(count=count)


@strawberry.type
class SettleDeadLettersMutation:
    @mutation(
        refusals.BrokerUnavailable,
        FreshProofRequired,
        description="For administrators: deliver dead letters again, as if new. Written down.",
        result_name="SettleDeadLettersResult",
    )
    async def replay_dead_letters(self, info: Info, input: SettleDeadLettersInput) -> DeadLettersSettled:
        return await _settle(info.context, DeadLetterAction.REPLAY, input)

    @mutation(
        refusals.BrokerUnavailable,
        FreshProofRequired,
        description="For administrators: delete dead letters for good, which must never take effect. Written down.",
        result_name="SettleDeadLettersResult",
    )
    async def purge_dead_letters(self, info: Info, input: SettleDeadLettersInput) -> DeadLettersSettled:
        return await _settle(info.context, DeadLetterAction.PURGE, input)
