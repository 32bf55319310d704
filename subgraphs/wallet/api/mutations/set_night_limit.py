"""A person says how much may leave their wallet in a night."""

import strawberry

from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.refusal import FreshProofRequired
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import money_out, refusals


@strawberry.input(description="The new limit.")
class SetNightLimitInput:
    limit: MoneyInput = strawberry.field(
        description="What may leave in a night: from nothing up to the most for one withdrawal."
    )


@mutation(
    FreshProofRequired,
    refusals.PaymentAmountOutOfRange,
    description="Choose how much may leave between 20:00 and 06:00. A lower limit holds at once, a higher "
    "one in a day.",
)
async def set_night_limit(info: Info, input: SetNightLimitInput) -> types.NightLimit:
    context = info.context
    async with context.begin() as session:
        chosen = await money_out.set_night_limit(
            session,
            input.limit.to_minor(),
            actor=context.identity,
            maximum_minor=context.services.settings.withdrawal_minor_max,
            now=context.clock.now(),
        )
    return types.NightLimit.of_minor(
        chosen.limit_minor, raised_minor=chosen.raised_minor, raised_from=chosen.raised_from
    )
