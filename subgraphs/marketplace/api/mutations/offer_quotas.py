"""`offerQuotas`: offer quotas that one holds to others."""

from typing import Annotated

import strawberry

from subgraphs.marketplace.api.types import refusals as types
from subgraphs.marketplace.api.types.secondary import QuotaOffer
from subgraphs.marketplace.domain import secondary
from subgraphs.marketplace.domain.rules import get_rules
from subgraphs.marketplace.schemas.commands import OfferQuotas
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.money import MoneyInput
from subgraphs.shared.graphql.refusals import Busy, FreshProofRequired, IdempotencyKeyReused, InvalidInput
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION
from subgraphs.shared.scopes import INVESTOR


@strawberry.input(description="Quotas to offer, and at what price.")
class OfferQuotasInput:
    position_id: strawberry.ID
    quota_count: int
    price_per_quota: MoneyInput
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)

    def to_command(self) -> OfferQuotas:
        return OfferQuotas.checked(
            position_id=require_id(self.position_id),
            quota_count=self.quota_count,
            price_minor=self.price_per_quota.to_minor(),
            idempotency_key=self.idempotency_key,
        )


OfferQuotasResult = Annotated[
    QuotaOffer
    | types.InvestorNotVerified
    | types.PositionNotFound
    | types.CPRNotTraded
    | types.QuotasUnavailable
    | FreshProofRequired
    | IdempotencyKeyReused
    | Busy
    | InvalidInput,
    strawberry.union("OfferQuotasResult", description="The offer; or why not."),
]


@strawberry.mutation(description="Offer quotas that you hold to others, at a price of your own.")
async def offer_quotas(info: Info, input: OfferQuotasInput) -> OfferQuotasResult:
    seller = info.context.require(INVESTOR)
    command, now = input.to_command(), info.context.clock.now()
    async with info.context.read() as session:
        rules = await get_rules(session, now)
    require_fresh_proof(seller, within=rules.fresh_proof)
    async with info.context.begin() as session:
        offer = await secondary.offer_quotas(session, seller_id=seller.user_id, command=command, at=now)
    return QuotaOffer.from_model(offer)
