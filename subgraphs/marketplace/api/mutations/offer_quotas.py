"""`offerQuotas`: offer quotas that one holds to others."""

import strawberry

from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.types.secondary import QuotaOffer
from subgraphs.marketplace.domain import refusals, secondary
from subgraphs.marketplace.domain.rules import get_rules
from subgraphs.marketplace.schemas.commands import OfferQuotas
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION
from subgraphs.shared.refusal import Busy, FreshProofRequired
from subgraphs.shared.scopes import INVESTOR


@strawberry.input(description="Quotas to offer, and at what price.")
class OfferQuotasInput:
    position_id: strawberry.ID = strawberry.field(description="The id at `User.positions`.")
    quota_count: int = strawberry.field(description="How many quotas of the position, 1 or more.")
    price_per_quota: MoneyInput = strawberry.field(description="What one quota is to cost: R$ 0.01 to R$ 1,000,000.00.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)

    def to_command(self) -> OfferQuotas:
        return OfferQuotas.checked(
            position_id=require_id(self.position_id),
            quota_count=self.quota_count,
            price_minor=self.price_per_quota.to_minor(),
            idempotency_key=self.idempotency_key,
        )


@mutation(
    refusals.InvestorNotVerified,
    refusals.PositionNotFound,
    refusals.CPRNotTraded,
    refusals.QuotasUnavailable,
    FreshProofRequired,
    Busy,
    description="Offer quotas that you hold to others, at a price of your own.",
    result="The offer; or why not.",
)
async def offer_quotas(info: Info, input: OfferQuotasInput) -> QuotaOffer:
    seller = info.context.require(INVESTOR)
    command, now = input.to_command(), info.context.clock.now()
    async with info.context.read() as session:
        rules = await get_rules(session, now=now)
    require_fresh_proof(seller, within=rules.fresh_proof)
    async with info.context.begin() as session:
        offer = await secondary.offer_quotas(session, command, actor=seller, now=now)
    return QuotaOffer.from_model(offer)
