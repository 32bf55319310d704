"""`invest`: buy quotas of an offering."""

import strawberry

from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.types.investment import Investment
from subgraphs.marketplace.crud.offerings import offering_row
from subgraphs.marketplace.domain import investments, refusals
from subgraphs.marketplace.schemas.commands import Invest
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION
from subgraphs.shared.refusal import Busy, ConsentRequired
from subgraphs.shared.scopes import INVESTOR


@strawberry.input(description="A purchase of quotas.")
class InvestInput:
    offering_id: strawberry.ID = strawberry.field(description="The id of an open offering.")
    quota_count: int = strawberry.field(
        description="How many quotas: 1 up to `Offering.availableQuotas`, and not less than the smallest investment."
    )
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    confirmation_phrase: str | None = strawberry.field(
        default=None, description="What ConcentrationNotConfirmed asks to be sent."
    )

    def to_command(self) -> Invest:
        return Invest.checked(
            offering_id=require_id(self.offering_id),
            quota_count=self.quota_count,
            idempotency_key=self.idempotency_key,
            confirmation_phrase=self.confirmation_phrase,
        )


@mutation(
    refusals.InvestorNotVerified,
    ConsentRequired,
    refusals.OfferingNotFound,
    refusals.OfferingClosed,
    refusals.OwnOffering,
    refusals.BelowMinimum,
    refusals.QuotasUnavailable,
    refusals.BorrowerLimitExceeded,
    refusals.ConcentrationNotConfirmed,
    Busy,
    description="Buy quotas of an offering. The money is held in your wallet until it is funded.",
    result="The investment, pending until the wallet holds the money; or why not.",
)
async def invest(info: Info, input: InvestInput) -> Investment:
    investor = info.context.require(INVESTOR)
    command = input.to_command()
    await info.context.services.backlog.admit(info.context.database, now=info.context.clock.now())
    wish = investments.Wish(command, investor_id=investor.user_id)
    investing = info.context.services.investing
    return Investment.from_model(await info.context.ask_together(investing, offering_row(command.offering_id), wish))
