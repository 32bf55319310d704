"""`withdrawQuotaOffer`: take back what is left of an offer of quotas."""

import strawberry

from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.types.secondary import QuotaOffer
from subgraphs.marketplace.crud.secondary import offer_row
from subgraphs.marketplace.domain import refusals, secondary
from subgraphs.marketplace.schemas.commands import WithdrawQuotaOffer
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.refusal import Busy
from subgraphs.shared.scopes import INVESTOR


@strawberry.input(description="Which offer.")
class WithdrawQuotaOfferInput:
    offer_id: strawberry.ID = strawberry.field(description="The id of one's own open offer.")

    def to_command(self) -> WithdrawQuotaOffer:
        return WithdrawQuotaOffer(require_id(self.offer_id))


@mutation(
    refusals.QuotaOfferNotFound,
    refusals.QuotaOfferClosed,
    Busy,
    description="Take back what is left of your offer. Purchases that wait for the wallet go on.",
    result="The withdrawn offer; or why not.",
)
async def withdraw_quota_offer(info: Info, input: WithdrawQuotaOfferInput) -> QuotaOffer:
    seller = info.context.require(INVESTOR)
    command = input.to_command()
    async with info.context.begin(offer_row(command.offer_id)) as session:
        offer = await secondary.withdraw_offer(session, command, actor=seller, now=info.context.clock.now())
    return QuotaOffer.from_model(offer)
