"""What a farmer is asked to pay, the installment or CPR it is for, and what paying before the due date costs."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Self

import strawberry

from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.wallet import models
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.types.codes import BoletoSlip, PixCode, boleto_slip_of, pix_code_of
from subgraphs.wallet.api.types.vocabulary import ChargeMethod
from subgraphs.wallet.domain import amount_due
from subgraphs.wallet.domain.early_settlement import SettlementLine, settlement_lines
from subgraphs.wallet.models import ChargeStatus


@strawberry.enum(name="ChargeStatus", description="Whether a charge can still be paid.")
class ChargeState(Enum):
    OPEN = "OPEN"
    """It can be paid."""
    PAID = "PAID"
    """It is paid."""
    CANCELLED = "CANCELLED"
    """Another charge has taken its place, or it is no longer needed."""
    EXPIRED = "EXPIRED"
    """Its time is over: ask for another."""


@strawberry.federation.type(keys=["id"], description=descriptions.CHARGE)
class Charge(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    installment: "Installment | None" = strawberry.field(
        description="The installment that it pays; null where it is for all that is left of a CPR."
    )
    cpr: "CPR | None" = strawberry.federation.field(description="Set where it is for all that is left of a CPR.")
    amount: Money = strawberry.field(description="What has to be paid.")
    method: ChargeMethod = strawberry.field(description="How it is paid.")
    status: ChargeState = strawberry.field(description="Whether it can still be paid.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it can be paid.")
    paid_at: datetime | None = strawberry.field(description="When it was paid; null until then.")
    early: bool = strawberry.field(description="Over what paying before the due date costs on its last day.")
    pix: PixCode | None = strawberry.federation.field(description="Set for charges by Pix.")
    boleto: BoletoSlip | None = strawberry.federation.field(description="Set for charges by boleto.")

    @classmethod
    def from_model(cls, charge: models.Charge, *, now: datetime) -> Self:
        over = charge.status is ChargeStatus.OPEN and charge.expires_at <= now
        return cls(
            id=strawberry.ID(str(charge.id)),
            installment=Installment(id=strawberry.ID(str(charge.installment_id))) if charge.installment_id else None,
            cpr=CPR(id=strawberry.ID(str(charge.cpr_id))) if charge.cpr_id else None,
            amount=Money.of_minor(charge.amount_minor),
            method=charge.method,
            status=ChargeState.EXPIRED if over else ChargeState(charge.status.value),
            created_at=charge.created_at,
            expires_at=charge.expires_at,
            paid_at=charge.paid_at,
            early=charge.is_early,
            pix=pix_code_of(charge),
            boleto=boleto_slip_of(charge),
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        load = info.context.loader(loaders.charges_by_id)
        charges = await load.load_many([reference.id for reference in references])
        now = info.context.clock.now()
        return [cls.from_model(charge, now=now) if charge else None for charge in charges]


@strawberry.type(description="What has to be paid today, and what that is made of.")
class AmountDue:
    total: Money = strawberry.field(description="What has to be paid in all.")
    outstanding: Money = strawberry.field(description="What is open of the installment itself.")
    late_charges: Money = strawberry.field(description="Fine and interest for being late, so far.")
    reduction: Money = strawberry.field(description="What is taken off its interest for paying before it is due.")

    @classmethod
    def of(cls, due: amount_due.AmountDue) -> Self:
        return cls(
            total=Money.of_minor(due.total_minor),
            outstanding=Money.of_minor(due.open_minor),
            late_charges=Money.of_minor(due.late.total_minor),
            reduction=Money.of_minor(due.reduction_minor),
        )


@strawberry.federation.type(keys=["id"], description=descriptions.INSTALLMENT)
class Installment:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)

    @strawberry.federation.field(
        description="What paying it costs today, by itself: with the cost of being late, or less what paying early "
        "takes off. Null when nothing is owed; only the farmer who owes it sees it. `payInstallment` pays it, and a "
        "charge with `early`."
    )
    async def due_today(self, info: Info) -> AmountDue | None:
        reference = Reference("Installment", {"id": self.id})
        owed, last_payments = await info.context.loader(loaders.owed_by_installment).load(reference.id)
        last = last_payments.get(owed[0].id) if owed else None
        if not owed or (last is not None and last.pays):
            return None
        today = business_date(info.context.clock.now())
        return AmountDue.of(amount_due.amount_due(owed[0], last, on=today, early=amount_due.Early.ALONE))

    @strawberry.federation.field(description="What can be paid at the moment; only the farmer who owes it sees it.")
    async def charge(self, info: Info) -> Charge | None:
        reference = Reference("Installment", {"id": self.id})
        found = await info.context.loader(loaders.open_charges_by_installment).load(reference.id)
        return Charge.from_model(found, now=info.context.clock.now()) if found else None

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]


@strawberry.type(description="What one installment costs when all that is left of its CPR is paid on a day.")
class EarlySettlementLine:
    installment: Installment | None = strawberry.field(description="The installment that the line is about.")
    number: int = strawberry.field(description="Its number in the schedule.")
    due: AmountDue = strawberry.field(description="What is to be paid of it on that day.")

    @classmethod
    def of(cls, line: SettlementLine) -> Self:
        return cls(
            installment=Installment(id=strawberry.ID(str(line.installment.id))),
            number=line.installment.number,
            due=AmountDue.of(line.due),
        )


@strawberry.type(
    description="What paying all that is left of a CPR costs on a day: its principal, and the interest accrued."
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
        "the farmer who owes it sees it. `settleCPR` pays it, and a charge by `createSettlementCharge`."
    )
    async def early_settlement(
        self,
        info: Info,
        on: Annotated[date | None, strawberry.argument(description="Of another day, from today on.")] = None,
    ) -> EarlySettlement | None:
        owed, last_payments = await info.context.loader(loaders.owed_by_cpr).load(require_id(self.id))
        today = business_date(info.context.clock.now())
        lines = settlement_lines(owed, last_payments, on=max(on or today, today))
        return EarlySettlement.of(lines) if lines else None

    @strawberry.field(
        description="The charge over all that is left of it that can be paid at the moment; only the farmer who owes "
        "it sees it."
    )
    async def settlement_charge(self, info: Info) -> Charge | None:
        found = await info.context.loader(loaders.open_settlements_by_cpr).load(require_id(self.id))
        return Charge.from_model(found, now=info.context.clock.now()) if found else None

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]
