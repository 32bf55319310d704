"""What a farmer is asked to pay for an installment, and the installment it is for."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.wallet import models
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.types.codes import BoletoSlip, PixCode, boleto_slip_of, pix_code_of
from subgraphs.wallet.models import ChargeMethod, ChargeStatus

strawberry.enum(ChargeMethod, description="How a charge is paid.")


@strawberry.enum(name="ChargeStatus", description="Whether a charge can still be paid.")
class ChargeState(Enum):
    OPEN = "OPEN"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@strawberry.federation.type(keys=["id"], description="A Pix code or a boleto that pays one installment.")
class Charge:
    id: strawberry.ID
    installment: "Installment | None"
    amount: Money
    method: ChargeMethod
    status: ChargeState
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
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
            pix=pix_code_of(charge),
            boleto=boleto_slip_of(charge),
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        load = info.context.loader(loaders.charges_by_id)
        charges = await load.load_many([reference.id for reference in references])
        now = info.context.clock.now()
        return [cls.from_model(charge, now=now) if charge else None for charge in charges]


@strawberry.federation.type(keys=["id"], description="One dated sum that a farmer owes; contracts owns it.")
class Installment:
    id: strawberry.ID

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
