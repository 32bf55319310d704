"""What paying before the due date costs, and what that is made of. Only the farmer who owes it sees it."""

from typing import Self

import strawberry

from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.types.charge import AmountDue, Installment
from subgraphs.wallet.domain.early_settlement import SettlementLine, settlement_lines


@strawberry.type(description="What one installment costs when all that is left of its CPR is paid today.")
class EarlySettlementLine:
    installment: Installment | None = strawberry.field(description="The installment that the line is about.")
    number: int = strawberry.field(description="Its number in the schedule.")
    due: AmountDue = strawberry.field(description="What is to be paid of it today.")

    @classmethod
    def of(cls, line: SettlementLine) -> Self:
        return cls(
            installment=Installment(id=strawberry.ID(str(line.installment.id))),
            number=line.installment.number,
            due=AmountDue.of(line.due),
        )


@strawberry.type(
    description="What paying all that is left of a CPR costs today: its principal, and the interest accrued."
)
class EarlySettlement:
    total: Money = strawberry.field(description="What has to be paid in all.")
    outstanding: Money = strawberry.field(description="What the installments would come to, each paid when it is due.")
    late_charges: Money = strawberry.field(description="Fine and interest of those that are late.")
    reduction: Money = strawberry.field(description="The interest that has not accrued, which is taken off.")
    lines: list[EarlySettlementLine] = strawberry.field(
        description="Installment by installment, in their order.", directives=[sized(36)]
    )

    @classmethod
    def of(cls, lines: list[SettlementLine]) -> Self:
        return cls(
            total=Money.of_minor(sum(line.due.total_minor for line in lines)),
            outstanding=Money.of_minor(sum(line.due.open_minor for line in lines)),
            late_charges=Money.of_minor(sum(line.due.late.total_minor for line in lines)),
            reduction=Money.of_minor(sum(line.due.reduction_minor for line in lines)),
            lines=[EarlySettlementLine.of(line) for line in lines],
        )


@strawberry.federation.type(keys=["id"], description=descriptions.CPR)
class CPR:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.field(
        description="What it costs to pay all of it today, and what that is made of; null when nothing is owed. Only "
        "the farmer who owes it sees it. `settleCPR` pays it."
    )
    async def early_settlement(self, info: Info) -> EarlySettlement | None:
        owed, last_payments = await info.context.loader(loaders.owed_by_cpr).load(require_id(self.id))
        lines = settlement_lines(owed, last_payments, on=business_date(info.context.clock.now()))
        return EarlySettlement.of(lines) if lines else None

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]
