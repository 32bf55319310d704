"""What a farmer is asked to pay for an installment, and the installment it is for."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.wallet import models
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.types.codes import BoletoSlip, PixCode, boleto_slip_of, pix_code_of
from subgraphs.wallet.api.types.vocabulary import ChargeMethod
from subgraphs.wallet.domain import amount_due
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


@strawberry.federation.type(keys=["id"], description="A Pix code or a boleto that pays one installment.")
class Charge:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    installment: "Installment | None" = strawberry.field(description="The installment that it pays.")
    amount: Money = strawberry.field(description="What has to be paid.")
    method: ChargeMethod = strawberry.field(description="How it is paid.")
    status: ChargeState = strawberry.field(description="Whether it can still be paid.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it can be paid.")
    paid_at: datetime | None = strawberry.field(description="When it was paid; null until then.")
    early: bool = strawberry.field(description="Over what paying before the due date costs; good until midnight.")
    pix: PixCode | None = strawberry.federation.field(description="Set for charges by Pix.")
    boleto: BoletoSlip | None = strawberry.federation.field(description="Set for charges by boleto.")

    @classmethod
    def from_model(cls, charge: models.Charge, *, now: datetime) -> Self:
        over = charge.status is ChargeStatus.OPEN and charge.expires_at <= now
        return cls(
            id=strawberry.ID(str(charge.id)),
            installment=Installment(id=strawberry.ID(str(charge.installment_id))),
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
