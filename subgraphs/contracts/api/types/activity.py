"""What a farmer's time line holds of their CPRs: `Activity`, whichever domain it happened in."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.contracts import models
from subgraphs.contracts.api import loaders
from subgraphs.contracts.models import PaymentOutcome
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.money import format_brl

if TYPE_CHECKING:
    from subgraphs.contracts.api.types.installment import Installment

InstallmentReference = Annotated["Installment", strawberry.lazy("subgraphs.contracts.api.types.installment")]


@strawberry.interface(description=descriptions.ACTIVITY)
class Activity:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    occurred_at: datetime = strawberry.field(description=descriptions.OCCURRED_AT)
    summary: str = strawberry.field(description=descriptions.SUMMARY)


def installment_type(row: models.Installment) -> InstallmentReference:
    from subgraphs.contracts.api.types.installment import Installment  # noqa: PLC0415  # the two types name each other

    return Installment.from_model(row)


@strawberry.federation.type(
    keys=["id"],
    description=descriptions.RECEIVED_PAYMENT,
)
class ReceivedPayment(Activity, Node):
    amount: Money = strawberry.field(description="All that was paid, with fine and interest for being late.")
    left: Money = strawberry.field(description="What was still owed of the installment after it.")
    installment: InstallmentReference = strawberry.field(description="The one that was paid for.")

    @classmethod
    def from_models(cls, payment: models.InstallmentPayment, row: models.Installment) -> "ReceivedPayment":
        paid = format_brl(payment.amount_minor)
        left_minor = 0
        if payment.outcome == PaymentOutcome.BELOW:
            owed_minor = payment.due_minor + payment.late_minor - payment.reduction_minor
            left_minor = owed_minor - payment.amount_minor
            summary = f"Parcela {row.number} paga em parte: {paid}; faltam {format_brl(left_minor)}."
        elif payment.outcome == PaymentOutcome.REPEATED:
            summary = f"Parcela {row.number} paga de novo: {paid}."
        else:
            summary = f"Parcela {row.number} paga: {paid}."
        return cls(
            id=strawberry.ID(str(payment.payment_id)),
            occurred_at=payment.confirmed_at,
            summary=summary,
            amount=Money.of_minor(payment.amount_minor),
            left=Money.of_minor(left_minor),
            installment=installment_type(row),
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["ReceivedPayment | None"]:
        """Of one's own CPRs; staff sees all."""
        ids = [reference.id for reference in references]
        found = await info.context.loader(loaders.received_payments_by_id).load_many(ids)
        return [cls.from_models(*pair) if pair else None for pair in found]


@strawberry.federation.type(
    keys=["id"],
    description=descriptions.LATE_INSTALLMENT,
)
class LateInstallment(Activity):
    installment: InstallmentReference = strawberry.field(description="The one that is late.")

    @classmethod
    def from_model(cls, row: models.Installment) -> "LateInstallment | None":
        if row.late_at is None:
            return None
        return cls(
            id=strawberry.ID(str(row.id)),
            occurred_at=row.late_at,
            summary=f"Parcela {row.number} em atraso: venceu em {row.due_on:%d/%m/%Y}.",
            installment=installment_type(row),
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["LateInstallment | None"]:
        """Of one's own CPRs; staff sees all."""
        ids = [reference.id for reference in references]
        rows = await info.context.loader(loaders.own_installments_by_id).load_many(ids)
        return [cls.from_model(row) if row else None for row in rows]
