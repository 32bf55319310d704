"""A farmer pays an installment with the money in their wallet."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key
from subgraphs.shared.scopes import FARMER
from subgraphs.wallet import models
from subgraphs.wallet.api import types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.domain import installments, refusals


@strawberry.input(description="Which installment to pay.")
class PayInstallmentInput:
    installment_id: strawberry.ID = strawberry.field(description="The id of an installment that one owes.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@strawberry.type(description="A payment that counts for an installment.")
class InstallmentPayment:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    installment: types.Installment | None = strawberry.field(description="The installment that was paid.")
    amount: Money = strawberry.field(description="What was paid.")
    reduction: Money = strawberry.field(description="What was taken off for paying early.")
    confirmed_at: datetime = strawberry.field(description="When it was paid.")

    @classmethod
    def from_model(cls, payment: models.InstallmentPayment) -> Self:
        return cls(
            id=strawberry.ID(str(payment.id)),
            installment=types.Installment(id=strawberry.ID(str(payment.installment_id))),
            amount=Money.of_minor(payment.amount_minor),
            reduction=Money.of_minor(payment.reduction_minor),
            confirmed_at=payment.confirmed_at,
        )


@mutation(
    refusals.InstallmentNotOwed,
    refusals.InstallmentAlreadyPaid,
    refusals.InsufficientFunds,
    refusals.WalletNotReady,
    description="Pay an installment with the available money of one's wallet: what `Installment.dueToday` says.",
)
async def pay_installment(info: Info, input: PayInstallmentInput) -> InstallmentPayment:
    context = info.context
    async with context.begin() as session:
        payment = await installments.pay_from_wallet(
            session,
            require_id(input.installment_id),
            farmer_id=context.require(FARMER).user_id,
            idempotency_key=check_key(input.idempotency_key),
            now=context.clock.now(),
        )
    return InstallmentPayment.from_model(payment)
