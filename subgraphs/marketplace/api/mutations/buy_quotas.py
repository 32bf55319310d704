"""`buyQuotas`: buy quotas that another holder offers."""

import strawberry

from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.types.secondary import QuotaPurchase
from subgraphs.marketplace.crud.secondary import offer_row
from subgraphs.marketplace.domain import refusals, secondary
from subgraphs.marketplace.domain.rules import get_rules
from subgraphs.marketplace.schemas.commands import BuyQuotas
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION
from subgraphs.shared.refusal import Busy, ConsentRequired, FreshProofRequired
from subgraphs.shared.scopes import INVESTOR


@strawberry.input(description="A purchase of quotas from their holder, which may be of a part of the offer.")
class BuyQuotasInput:
    offer_id: strawberry.ID = strawberry.field(description="The id of an open offer.")
    quota_count: int = strawberry.field(description="How many quotas: 1 up to `QuotaOffer.availableQuotas`.")
    remaining_installments: int = strawberry.field(
        description="As the offer showed them: once another is paid, its price is for more than is still to come."
    )
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    confirmation_phrase: str | None = strawberry.field(
        default=None, description="What ConcentrationNotConfirmed asks to be sent."
    )

    def to_command(self) -> BuyQuotas:
        return BuyQuotas.checked(
            offer_id=require_id(self.offer_id),
            quota_count=self.quota_count,
            remaining_installments=self.remaining_installments,
            idempotency_key=self.idempotency_key,
            confirmation_phrase=self.confirmation_phrase,
        )


@mutation(
    refusals.InvestorNotVerified,
    ConsentRequired,
    refusals.QuotaOfferNotFound,
    refusals.OwnQuotas,
    refusals.OwnOffering,
    refusals.QuotaOfferClosed,
    refusals.InstallmentPaidMeanwhile,
    refusals.QuotasUnavailable,
    refusals.BelowMinimum,
    refusals.BorrowerLimitExceeded,
    refusals.ConcentrationNotConfirmed,
    FreshProofRequired,
    Busy,
    description="Buy quotas of another holder. They are yours when their price is the seller's.",
    result="The purchase, pending until the wallet has swapped quotas and money or refused; or why not.",
)
async def buy_quotas(info: Info, input: BuyQuotasInput) -> QuotaPurchase:
    buyer = info.context.require(INVESTOR)
    command, now = input.to_command(), info.context.clock.now()
    async with info.context.read() as session:
        rules = await get_rules(session, now=now)
    require_fresh_proof(buyer, within=rules.fresh_proof)
    async with info.context.begin(offer_row(command.offer_id)) as session:
        purchase = await secondary.buy_quotas(session, command, actor=buyer, now=now)
    return QuotaPurchase.from_model(purchase)
