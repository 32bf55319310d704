"""`Investment`: one person's quotas in one CPR."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.marketplace import models
from subgraphs.marketplace.api import loaders
from subgraphs.marketplace.api.context import Info
from subgraphs.marketplace.api.messages import investment_summary
from subgraphs.marketplace.api.types.activity import Activity
from subgraphs.marketplace.api.types.offering import CPR, Offering
from subgraphs.marketplace.api.types.vocabulary import InvestmentStatus
from subgraphs.marketplace.domain.portfolios import expected_income
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.scopes import Sight

if TYPE_CHECKING:
    from subgraphs.marketplace.api.types.user import User


@strawberry.type(description="How far the farmer has repaid the CPR.")
class RepaymentProgress:
    installment_count: int = strawberry.field(description="How many installments the CPR has.")
    paid_count: int = strawberry.field(description="How many of them are paid.")
    percent: Decimal = strawberry.field(description="Of the principal, to two places.")
    next_due_on: date | None = strawberry.field(description="When the next unpaid one is due; null when none is left.")


@strawberry.federation.type(keys=["id"], description=descriptions.INVESTMENT)
class Investment(Activity, Node):
    quota_count: int = strawberry.field(description="What was asked for.")
    amount: Money = strawberry.field(description="What the quotas cost.")
    status: InvestmentStatus = strawberry.field(description="Where it stands.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    confirmed_at: datetime | None = strawberry.field(description="When the wallet held the money.")
    ended_at: datetime | None = strawberry.field(description="When it was refused, cancelled or settled.")
    refusal_reason: str | None = strawberry.field(
        description="Of a refused one: INSUFFICIENT_FUNDS, OFFERING_CLOSED, HOLD_TIMED_OUT or OFFERING_CANCELLED."
    )
    row: strawberry.Private[models.Investment]

    @strawberry.field(description="One sentence in Portuguese.")  # type: ignore[misc]  # data in the interface
    async def summary(self, info: Info) -> str:
        return investment_summary(self.row, await self._position(info))

    @strawberry.field(
        description="Of its quotas those that were not sold to others; none until the wallet has confirmed it."
    )
    async def held_quotas(self, info: Info) -> int:
        position = await self._position(info)
        return 0 if position is None else position.held_quotas

    @strawberry.field(description="The offering it was made in.")
    async def offering(self, info: Info) -> Offering:
        return Offering.from_model(await self._offering_row(info))

    @strawberry.field(description="The CPR it finances.")
    async def cpr(self, info: Info) -> CPR | None:
        return CPR.of_offering(await self._offering_row(info))

    @strawberry.field(description="Whose it is.")
    def investor(self) -> Annotated["User", strawberry.lazy("subgraphs.marketplace.api.types.user")] | None:
        from subgraphs.marketplace.api.types.user import User  # noqa: PLC0415  # users have investments, too

        return User(id=strawberry.ID(str(self.row.investor_id)))

    @strawberry.field(description="How far the CPR is repaid. Absent until the farmer has the money.")
    async def progress(self, info: Info) -> RepaymentProgress | None:
        schedule = await info.context.loader(loaders.progress_by_cpr).load(self.row.cpr_id)
        if schedule is None:
            return None
        percent = Decimal(schedule.paid_principal_minor * 100) / schedule.principal_minor
        return RepaymentProgress(
            installment_count=schedule.installment_count,
            paid_count=schedule.paid_count,
            percent=percent.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP),
            next_due_on=schedule.next_due_on,
        )

    @strawberry.field(
        description="Interest still to come for the quotas that were not sold, after fee and tax; zero for what ended."
    )
    async def expected_income(self, info: Info) -> Money:
        if self.status not in (InvestmentStatus.PENDING, InvestmentStatus.CONFIRMED, InvestmentStatus.ACTIVE):
            return Money.of_minor(0)
        offering = await self._offering_row(info)
        schedule = await info.context.loader(loaders.progress_by_cpr).load(self.row.cpr_id)
        rules = await info.context.loader(loaders.rules_in_force).load(None)
        position = await self._position(info)
        quota_count = self.row.quota_count if position is None else position.held_quotas
        return Money.of_minor(expected_income(quota_count, offering, schedule, rules))

    async def _position(self, info: Info) -> models.QuotaPosition | None:
        """The position that it opened."""
        return await info.context.loader(loaders.positions_by_id).load(self.row.id)

    async def _offering_row(self, info: Info) -> models.Offering:
        row = await info.context.loader(loaders.offerings_by_id).load(self.row.offering_id)
        if row is None:
            raise LookupError(f"investment {self.row.id} has no offering")
        return row

    @classmethod
    def from_model(cls, row: models.Investment) -> "Investment":
        return cls(  # type: ignore[call-arg]  # its summary is resolved
            id=strawberry.ID(str(row.id)),
            occurred_at=row.confirmed_at or row.requested_at,
            quota_count=row.quota_count,
            amount=Money.of_minor(row.amount_minor),
            status=row.status,
            requested_at=row.requested_at,
            confirmed_at=row.confirmed_at,
            ended_at=row.ended_at,
            refusal_reason=row.refusal_reason,
            row=row,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Investment | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.investments_by_id).load_many([item.id for item in references])
        identity = info.context.identity
        return [
            cls.from_model(row) if row and identity.sees_own(row.investor_id, Sight.INVESTMENTS) else None
            for row in rows
        ]


@strawberry.type(description="A part of a list of investments.")
class InvestmentPage:
    nodes: list[Investment] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
