"""Money that goes back to who paid it, as the person and as staff see it."""

from datetime import datetime
from typing import Self
from uuid import UUID

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
from subgraphs.wallet.api.messages import RETURN_SUMMARIES
from subgraphs.wallet.api.types.activity import Activity
from subgraphs.wallet.api.types.vocabulary import ReturnReason, ReturnSource, ReturnStatus
from subgraphs.wallet.ports import payment_gateway


@strawberry.type(description="Who made a payment, as their bank says.")
class Payer:
    name: str = strawberry.field(description="The name at their bank.")
    tax_id: str = strawberry.field(description="A CPF masked (`***.982.247-**`), a CNPJ whole.")
    bank: str = strawberry.field(description="Their bank, as it names itself.")

    @classmethod
    def from_port(cls, payer: payment_gateway.Payer) -> Self:
        return cls(name=payer.name, tax_id=payer.tax_id, bank=payer.bank)


@strawberry.federation.type(keys=["id"], description=descriptions.PAYMENT_RETURN)
class PaymentReturn(Activity, Node):
    amount: Money = strawberry.field(description="How much goes back.")
    status: ReturnStatus = strawberry.field(description="How far it has come.")
    reason: ReturnReason = strawberry.field(description="Why it goes back.")
    source: ReturnSource = strawberry.field(description="Where the money was.")
    requested_at: datetime = strawberry.field(description="When it was set aside to go back.")
    ended_at: datetime | None = strawberry.field(
        description="When it was with its payer, or failed; null while it is on its way."
    )

    @classmethod
    def from_model(cls, made: models.PaymentReturn) -> Self:
        return cls(
            id=strawberry.ID(str(made.id)),
            occurred_at=made.ended_at or made.requested_at,
            summary=RETURN_SUMMARIES[made.status].format(amount=format_brl(made.amount_minor)),
            amount=Money.of_minor(made.amount_minor),
            status=made.status,
            reason=made.reason,
            source=made.source,
            requested_at=made.requested_at,
            ended_at=made.ended_at,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        load = info.context.loader(loaders.returns_by_id)
        found = await load.load_many([reference.id for reference in references])
        return [cls.from_model(made) if made else None for made in found]


@strawberry.type(description="A payment that goes back, as staff see it.")
class PaymentReturnRecord:
    payment_return: PaymentReturn = strawberry.field(description="The same as the person sees it.")
    payment_id: strawberry.ID = strawberry.field(description="The id of the payment that goes back.")
    end_to_end_id: str = strawberry.field(description="The payment's own name in the payment system.")
    user_id: strawberry.ID | None = strawberry.field(description="Who had asked for it, or has it in their wallet.")
    failure: str | None = strawberry.field(description="Why it did not reach its payer.")
    of_payment: strawberry.Private[UUID]

    @strawberry.field(description="Who made the payment; null where the bank did not tell.")
    async def payer(self, info: Info) -> Payer | None:
        found = await info.context.loader(loaders.payers_by_payment).load(self.of_payment)
        return Payer.from_port(found) if found else None

    @classmethod
    def seen_by(cls, context: Context, made: models.PaymentReturn, payment: models.GatewayPayment) -> Self:
        """For staff, who look at somebody's money where it is known whose it is."""
        if made.user_id:
            context.may_see(made.user_id, Sight.MONEY)
        return cls(
            payment_return=PaymentReturn.from_model(made),
            payment_id=strawberry.ID(str(payment.id)),
            end_to_end_id=payment.end_to_end_id,
            user_id=strawberry.ID(str(made.user_id)) if made.user_id else None,
            failure=made.failure,
            of_payment=payment.id,
        )


@strawberry.type(description="Payments that go back, newest first.")
class PaymentReturnPage:
    nodes: list[PaymentReturnRecord] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
