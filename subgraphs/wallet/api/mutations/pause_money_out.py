"""It was not me: a person stops money from leaving their wallet."""

from datetime import datetime

import strawberry

from subgraphs.shared.graphql.mutation import mutation
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import money_out, refusals, wallets, withdrawals


@strawberry.type(description="Nothing leaves the wallet until then.")
class MoneyOutPaused:
    until: datetime = strawberry.field(description="When money may leave again.")


@mutation(
    refusals.WalletNotReady,
    description="Let nothing leave one's wallet for a day, at once: for who is told of something that was not them.",
)
async def pause_money_out(info: Info) -> MoneyOutPaused:
    context = info.context
    async with context.begin() as session:
        await wallets.get_wallet(session, context.identity.user_id)
        now = context.clock.now()
        until = await withdrawals.stop_money_out(
            session, context.identity.user_id, reason=money_out.OWNER, since=now, now=now
        )
    return MoneyOutPaused(until=until)
