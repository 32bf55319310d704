"""Taxes on their way to the state, as administrators see them."""

from datetime import date, datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.wallet import models
from subgraphs.wallet.api.types.vocabulary import PersonKind, RemittanceStatus, Tax


@strawberry.type(description="A payment of withheld tax to the state, for one period.")
class TaxRemittance:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    tax: Tax = strawberry.field(description="Which tax.")
    withheld_of: PersonKind = strawberry.field(
        description="Whom it was withheld of: people, or companies and cooperatives."
    )
    revenue_code: str = strawberry.field(description="Of the payment slip (DARF).")
    period_from: date = strawberry.field(description="The first day of the period, in Brasília.")
    period_to: date = strawberry.field(
        description="What was withheld until this day is in it; of earlier periods, too, that had too little to pay."
    )
    number: int = strawberry.field(description="2 and more: what was entered after the period was paid.")
    due_on: date = strawberry.field(description="The last day to pay it.")
    is_overdue: bool = strawberry.field(description="Whether that day has passed and it is not paid.")
    amount: Money = strawberry.field(description="The tax.")
    late_fine: Money = strawberry.field(
        description="Of one that is paid, or was last tried, late: beside the tax, and of what the platform earned."
    )
    late_interest: Money = strawberry.field(description="Likewise.")
    status: RemittanceStatus = strawberry.field(description="How far it has come.")
    slip_number: str | None = strawberry.field(
        description="The state's own number of the payment slip; of one that is late, the last day's."
    )
    authentication: str | None = strawberry.field(description="The bank's, of the payment.")
    prepared_at: datetime = strawberry.field(description="When it was reckoned.")
    paid_at: datetime | None = strawberry.field(description="When it was paid; null until then.")
    last_failure: str | None = strawberry.field(description="Why the last attempt did not pay it; it is tried again.")

    @classmethod
    def from_model(cls, remittance: models.Remittance, late: models.LateRemittance | None, *, today: date) -> Self:
        return cls(
            id=strawberry.ID(str(remittance.id)),
            tax=remittance.tax,
            withheld_of=remittance.person,
            revenue_code=remittance.revenue_code,
            period_from=remittance.period_from,
            period_to=remittance.period_to,
            number=remittance.number,
            due_on=remittance.due_on,
            is_overdue=remittance.status is not RemittanceStatus.PAID and remittance.due_on < today,
            amount=Money.of_minor(remittance.amount_minor),
            late_fine=Money.of_minor(late.fine_minor if late else 0),
            late_interest=Money.of_minor(late.interest_minor if late else 0),
            status=remittance.status,
            slip_number=(late.slip_number if late else None) or remittance.slip_number,
            authentication=remittance.authentication,
            prepared_at=remittance.prepared_at,
            paid_at=remittance.paid_at,
            last_failure=remittance.last_failure,
        )


@strawberry.type(description="Payments of withheld tax, newest first.")
class TaxRemittancePage:
    nodes: list[TaxRemittance] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
