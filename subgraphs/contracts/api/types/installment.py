"""One dated sum owed under a CPR."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.contracts import models
from subgraphs.contracts.api import loaders
from subgraphs.contracts.api.types.vocabulary import InstallmentStatus
from subgraphs.contracts.domain.lateness import charges_of
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.scalars import require_id

if TYPE_CHECKING:
    from subgraphs.contracts.api.types.cpr import CPR

CPRReference = Annotated["CPR", strawberry.lazy("subgraphs.contracts.api.types.cpr")]


@strawberry.type(description="What being late costs: a fine once, and simple interest by the day on what is open.")
class LateCharges:
    days_late: int = strawberry.field(description="Days since it was due.")
    fine: Money = strawberry.field(description="Of what is open; nothing once it was charged with a payment.")
    interest: Money = strawberry.field(
        description="Since the last late payment, with what that left unpaid of fine and interest."
    )
    total: Money = strawberry.field(description="With what is open of the installment itself: all that is owed today.")


@strawberry.federation.type(keys=["id"], description=descriptions.INSTALLMENT)
class Installment(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    number: int = strawberry.field(description="From 1.")
    due_on: date = strawberry.field(description="The last day to pay it without being late.")
    principal: Money = strawberry.field(description="The part that pays back what was lent.")
    interest: Money = strawberry.field(description="The part that is interest.")
    amount: Money = strawberry.field(description="Principal and interest together, without the cost of being late.")
    settled: Money = strawberry.field(
        description="What payments have settled of the amount so far: all of it once it is paid, a part where one was "
        "late with the old amount, for fine and interest are paid first."
    )
    outstanding: Money = strawberry.field(
        description="What is still to be paid of the amount. While it is late, `lateCharges.total` is what is owed. "
        "Nothing of one that was replaced."
    )
    status: InstallmentStatus = strawberry.field(description="Where it stands.")
    paid_at: datetime | None = strawberry.field(description="When it was paid whole; null until then.")
    schedule_version: int = strawberry.field(description="Which of `CPR.schedules` it is of.")
    carried: Money = strawberry.field(
        description="Of the interest, what was owed before its schedule began: nothing where that was the one signed."
    )
    cpr_id: strawberry.Private[str]
    row: strawberry.Private[models.Installment]

    @strawberry.field(description="The promise that it is a part of.")
    async def cpr(self, info: Info) -> CPRReference:
        from subgraphs.contracts.api.types.cpr import CPR  # noqa: PLC0415  # the two types name each other

        row = await info.context.loader(loaders.cprs_by_id).load(require_id(self.cpr_id))
        assert row is not None  # noqa: S101  # an installment is shown only to those who may see its CPR
        return CPR.from_model(row)

    @strawberry.field(description="What it costs when paid today; null while it is not late.")
    async def late_charges(self, info: Info) -> LateCharges | None:
        row = await info.context.loader(loaders.cprs_by_id).load(require_id(self.cpr_id))
        if row is None or row.disbursed_at is None or not self.row.is_owed:
            return None
        charges = charges_of(row, self.row, on=business_date(info.context.clock.now()))
        if not charges.days_late:
            return None
        return LateCharges(
            days_late=charges.days_late,
            fine=Money.of_minor(charges.fine_minor),
            interest=Money.of_minor(charges.interest_minor),
            total=Money.of_minor(self.row.open_minor + charges.total_minor),
        )

    @classmethod
    def from_model(cls, installment: models.Installment) -> "Installment":
        return cls(
            id=strawberry.ID(str(installment.id)),
            number=installment.number,
            due_on=installment.due_on,
            principal=Money.of_minor(installment.principal_minor),
            interest=Money.of_minor(installment.interest_minor),
            amount=Money.of_minor(installment.amount_minor),
            settled=Money.of_minor(installment.settled_minor),
            outstanding=Money.of_minor(installment.open_minor if installment.status != "REPLACED" else 0),
            status=installment.status,
            paid_at=installment.paid_at,
            schedule_version=installment.schedule_version,
            carried=Money.of_minor(installment.carried_minor),
            cpr_id=str(installment.cpr_id),
            row=installment,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Installment | None"]:
        """Of CPRs that the asker may see."""
        ids = [reference.id for reference in references]
        rows = await info.context.loader(loaders.installments_by_id).load_many(ids)
        return [cls.from_model(row) if row else None for row in rows]
