"""Money that a person brings in."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.money import format_brl
from subgraphs.wallet import models
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.types.activity import Activity
from subgraphs.wallet.api.types.codes import PixCode, pix_code_of
from subgraphs.wallet.api.types.payment_return import Payer
from subgraphs.wallet.models import ChargeStatus


@strawberry.enum(description="How far a deposit has come. EXPIRED: its code can be paid no more.")
class DepositStatus(Enum):
    PENDING = "PENDING"
    """Waits for the payment."""
    CONFIRMED = "CONFIRMED"
    """The money is in the wallet."""
    EXPIRED = "EXPIRED"
    """Its code can be paid no more."""


@strawberry.federation.type(keys=["id"], description=descriptions.DEPOSIT)
class Deposit(Activity, Node):
    amount: Money = strawberry.field(description="How much it is of.")
    status: DepositStatus = strawberry.field(description="How far it has come.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    confirmed_at: datetime | None = strawberry.field(description="When the money arrived; null until then.")
    pix: PixCode | None = strawberry.federation.field(description="What to pay; null until the gateway has made it.")

    @strawberry.federation.field(description="Who paid it; null before that, and where their bank did not tell.")
    async def payer(self, info: Info) -> Payer | None:
        found = await info.context.loader(loaders.payers_by_deposit).load(require_id(self.id))
        return Payer.from_port(found) if found else None

    @classmethod
    def from_model(cls, charge: models.Charge, *, now: datetime) -> Self:
        status = DepositStatus.PENDING
        if charge.status is ChargeStatus.PAID:
            status = DepositStatus.CONFIRMED
        elif charge.expires_at <= now:
            status = DepositStatus.EXPIRED
        endings = {
            DepositStatus.PENDING: "aguardando pagamento",
            DepositStatus.CONFIRMED: "confirmado",
            DepositStatus.EXPIRED: "não realizado",
        }
        return cls(
            id=strawberry.ID(str(charge.id)),
            occurred_at=charge.paid_at or charge.created_at,
            summary=f"Depósito de {format_brl(charge.amount_minor)} {endings[status]}",
            amount=Money.of_minor(charge.amount_minor),
            status=status,
            requested_at=charge.created_at,
            confirmed_at=charge.paid_at,
            pix=pix_code_of(charge),
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        load = info.context.loader(loaders.deposits_by_id)
        charges = await load.load_many([reference.id for reference in references])
        now = info.context.clock.now()
        return [cls.from_model(charge, now=now) if charge else None for charge in charges]
