"""`Payout` and `Distribution`, and the entities of other domains that have them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.distribution import models
from subgraphs.distribution.api import loaders
from subgraphs.distribution.api.messages import payout_summary
from subgraphs.distribution.api.types.activity import Activity
from subgraphs.distribution.api.types.vocabulary import PayoutStatus, TaxTreatment
from subgraphs.distribution.api.visibility import note_looks, seen_as
from subgraphs.distribution.crud import payout_pages
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import After, Cursor, First, PageInfo, PageRequest, cut_page, page_request
from subgraphs.shared.scopes import Sight

if TYPE_CHECKING:
    from subgraphs.distribution.api.types.holdings import CPR, Installment, Investment, QuotaPosition

HOLDINGS = strawberry.lazy("subgraphs.distribution.api.types.holdings")


@strawberry.federation.type(keys=["id"], description=descriptions.PAYOUT)
class Payout(Activity, Node):
    quota_count: int = strawberry.field(description="Quotas held when the farmer paid.")
    gross: Money = strawberry.field(description="The part of the payment: principal and interest.")
    principal: Money = strawberry.field(description="What comes back of the money that was lent.")
    interest: Money = strawberry.field(description="What it earned.")
    fee: Money = strawberry.field(
        description="The platform's share of the interest, of what being late costs only where that was agreed."
    )
    fee_rate: Decimal = strawberry.field(description='The fee\'s part of the interest, as a fraction: "0.1" is 10 %.')
    tax: Money = strawberry.field(description="Income tax withheld from the interest.")
    tax_rate: Decimal = strawberry.field(
        description='The tax\'s part of the interest, as a fraction: "0.225" is 22.5 %.'
    )
    tax_treatment: TaxTreatment = strawberry.field(description="By which rule the interest is taxed.")
    net: Money = strawberry.field(description="What goes to the wallet: gross less fee and tax.")
    held_days: int = strawberry.field(description="Days from the money being lent to the payment.")
    status: PayoutStatus = strawberry.field(description="Whether it has reached the wallet.")
    paid_at: datetime = strawberry.field(description="When the farmer's payment was confirmed.")
    credited_at: datetime | None = strawberry.field(description="When it reached the wallet.")
    row: strawberry.Private[models.Payout]

    @strawberry.field(description="The investment it is for.")
    def investment(self) -> Annotated["Investment", HOLDINGS] | None:
        from subgraphs.distribution.api.types.holdings import Investment  # noqa: PLC0415  # it has payouts, too

        return Investment.of(self.row.investment_id)

    @strawberry.field(description="The quotas it is for, however they were come by.")
    def position(self) -> Annotated["QuotaPosition", HOLDINGS] | None:
        from subgraphs.distribution.api.types.holdings import QuotaPosition  # noqa: PLC0415  # of the same file

        return QuotaPosition(id=strawberry.ID(str(self.row.position_id)))

    @strawberry.field(description="The CPR that paid.")
    def cpr(self) -> Annotated["CPR", HOLDINGS] | None:
        from subgraphs.distribution.api.types.holdings import CPR  # noqa: PLC0415  # it has distributions, too

        return CPR.of(self.row.cpr_id)

    @strawberry.field(description="The payment it is a part of.")
    async def distribution(self, info: Info) -> "Distribution | None":
        row = await info.context.loader(loaders.distributions_by_id).load(self.row.distribution_id)
        return Distribution.from_model(row) if row else None

    @classmethod
    def from_model(cls, row: models.Payout) -> "Payout":
        return cls(
            id=strawberry.ID(str(row.id)),
            occurred_at=row.credited_at or row.paid_at,
            summary=payout_summary(row),
            quota_count=row.quota_count,
            gross=Money.of_minor(row.gross_minor),
            principal=Money.of_minor(row.principal_minor),
            interest=Money.of_minor(row.interest_minor),
            fee=Money.of_minor(row.fee_minor),
            fee_rate=row.fee_rate.normalize(),
            tax=Money.of_minor(row.tax_minor),
            tax_rate=row.tax_rate.normalize(),
            tax_treatment=TaxTreatment(row.tax_treatment),
            net=Money.of_minor(row.net_minor),
            held_days=row.held_days,
            status=row.status,
            paid_at=row.paid_at,
            credited_at=row.credited_at,
            row=row,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Payout | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.payouts_by_id).load_many([reference.id for reference in references])
        return [cls.from_model(row) if row else None for row in rows]


@strawberry.type(description="A part of a list of payouts.")
class PayoutPage:
    nodes: list[Payout] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)

    @classmethod
    def cut(cls, rows: Sequence[models.Payout], page: PageRequest) -> "PayoutPage":
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.paid_at, row.id))
        return cls(nodes=[Payout.from_model(row) for row in kept], page_info=page_info)


@strawberry.federation.type(keys=["id"], description=descriptions.DISTRIBUTION)
class Distribution(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    total: Money = strawberry.field(description="What the farmer paid.")
    principal: Money = strawberry.field(description="Of the credit, paid back.")
    interest: Money = strawberry.field(description="With the late charge.")
    late_charge: Money = strawberry.field(
        description="Fine and interest for being late, those of before a renegotiation among them."
    )
    quota_count: int = strawberry.field(description="All quotas of the CPR, which it was split by.")
    payout_count: int = strawberry.field(description="In how many parts it was split.")
    paid_at: datetime = strawberry.field(description="When the farmer's payment was confirmed.")
    distributed_at: datetime = strawberry.field(description="When it was split.")
    row: strawberry.Private[models.Distribution]

    @strawberry.field(description="The platform's share of the interest, of all payouts. Staff see it.")
    def fee(self, info: Info) -> Money | None:
        return Money.of_minor(self.row.fee_minor) if info.context.sees_all(Sight.INCOME) else None

    @strawberry.field(description="Income tax withheld, of all payouts. Staff see it.")
    def tax(self, info: Info) -> Money | None:
        return Money.of_minor(self.row.tax_minor) if info.context.sees_all(Sight.INCOME) else None

    @strawberry.field(description="What goes to wallets, of all payouts. Staff see it.")
    def net(self, info: Info) -> Money | None:
        return Money.of_minor(self.row.net_minor) if info.context.sees_all(Sight.INCOME) else None

    @strawberry.field(description="A holder's own parts; all of them for staff.", directives=[PAGED])
    async def payouts(self, info: Info, first: First = None, after: After = None) -> PayoutPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await payout_pages.list_payouts_of_distribution(
                session,
                self.row.id,
                investor_id=seen_as(info.context),
                after=page.place,
                limit=page.limit,
            )
        note_looks(info.context, {row.investor_id for row in rows})
        return PayoutPage.cut(rows, page)

    @strawberry.field(description="The installment that was paid.")
    def installment(self) -> Annotated["Installment", HOLDINGS] | None:
        from subgraphs.distribution.api.types.holdings import Installment  # noqa: PLC0415  # it has a distribution, too

        return Installment.of(self.row.installment_id)

    @strawberry.field(description="The CPR that paid.")
    def cpr(self) -> Annotated["CPR", HOLDINGS] | None:
        from subgraphs.distribution.api.types.holdings import CPR  # noqa: PLC0415  # it has distributions, too

        return CPR.of(self.row.cpr_id)

    @classmethod
    def from_model(cls, row: models.Distribution) -> "Distribution":
        return cls(
            id=strawberry.ID(str(row.id)),
            total=Money.of_minor(row.total_minor),
            principal=Money.of_minor(row.principal_minor),
            interest=Money.of_minor(row.interest_minor),
            late_charge=Money.of_minor(row.late_charge_minor),
            quota_count=row.quota_count,
            payout_count=row.payout_count,
            paid_at=row.paid_at,
            distributed_at=row.distributed_at,
            row=row,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["Distribution | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        ids = [reference.id for reference in references]
        rows = await info.context.loader(loaders.distributions_by_id).load_many(ids)
        return [cls.from_model(row) if row else None for row in rows]


@strawberry.type(description="A part of a list of distributions.")
class DistributionPage:
    nodes: list[Distribution] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)

    @classmethod
    def cut(cls, rows: Sequence[models.Distribution], page: PageRequest) -> "DistributionPage":
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.paid_at, row.id))
        return cls(nodes=[Distribution.from_model(row) for row in kept], page_info=page_info)
