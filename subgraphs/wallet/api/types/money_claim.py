"""What payers' banks want back, as the person and as staff see it."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.money import format_brl
from subgraphs.shared.scopes import Sight
from subgraphs.wallet import models
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Context, Info
from subgraphs.wallet.api.messages import CLAIM_SUMMARIES
from subgraphs.wallet.api.types.activity import Activity
from subgraphs.wallet.api.types.vocabulary import ClaimStatus


@strawberry.federation.type(keys=["id"], description=descriptions.MONEY_CLAIM)
class MoneyClaim(Activity, Node):
    amount: Money = strawberry.field(description="What the bank wants back.")
    status: ClaimStatus = strawberry.field(description="How far it has come.")
    reason: str = strawberry.federation.field(description="In the bank's words.")
    blocked: Money = strawberry.federation.field(description="Set aside for it at the moment.")
    taken: Money = strawberry.federation.field(description="What the payer's bank got.")
    debt: Money = strawberry.federation.field(description="What of that the person still owes.")
    collects_until: datetime = strawberry.federation.field(description="Until then later credits pay first.")
    opened_at: datetime = strawberry.field(description="When the bank asked.")
    ended_at: datetime | None = strawberry.field(description="When it was paid or rejected; null while it is open.")

    @classmethod
    def from_model(cls, claim: models.MoneyClaim) -> Self:
        amount = claim.taken_minor if claim.status is ClaimStatus.PAID else claim.amount_minor
        return cls(
            id=strawberry.ID(str(claim.id)),
            occurred_at=claim.ended_at or claim.opened_at,
            summary=CLAIM_SUMMARIES[claim.status].format(amount=format_brl(amount)),
            amount=Money.of_minor(claim.amount_minor),
            status=claim.status,
            reason=claim.reason,
            blocked=Money.of_minor(claim.blocked_minor),
            taken=Money.of_minor(claim.taken_minor),
            debt=Money.of_minor(claim.debt_minor),
            collects_until=claim.collects_until,
            opened_at=claim.opened_at,
            ended_at=claim.ended_at,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        load = info.context.loader(loaders.claims_by_id)
        found = await load.load_many([reference.id for reference in references])
        return [cls.from_model(claim) if claim else None for claim in found]


@strawberry.type(description="A claim, as staff see it.")
class MoneyClaimRecord:
    money_claim: MoneyClaim = strawberry.field(description="The claim as the person sees it.")
    reference: str = strawberry.field(description="The gateway's own name of it.")
    payment_id: strawberry.ID = strawberry.field(description="The id of the payment that is wanted back.")
    end_to_end_id: str = strawberry.field(description="The payment's own name in the payment system.")
    user_id: strawberry.ID | None = strawberry.field(description="Who had got the payment, or whom it paid for.")

    @classmethod
    def seen_by(cls, context: Context, claim: models.MoneyClaim, payment: models.GatewayPayment) -> Self:
        """For staff, who look at somebody's money where it is known whose it is."""
        if claim.user_id:
            context.may_see(claim.user_id, Sight.MONEY)
        return cls(
            money_claim=MoneyClaim.from_model(claim),
            reference=claim.reference,
            payment_id=strawberry.ID(str(payment.id)),
            end_to_end_id=payment.end_to_end_id,
            user_id=strawberry.ID(str(claim.user_id)) if claim.user_id else None,
        )


@strawberry.type(description="Claims of payers' banks, newest first.")
class MoneyClaimPage:
    nodes: list[MoneyClaimRecord] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
