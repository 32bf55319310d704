"""`IncomeStatement`: an investor's year."""

import strawberry

from subgraphs.distribution.api.types.holdings import CPR
from subgraphs.distribution.crud.income import SoldSums
from subgraphs.distribution.domain import income
from subgraphs.shared.graphql.money import Money


@strawberry.type(description="One CPR's part in a year's income.")
class IncomeStatementLine:
    cpr: CPR | None = strawberry.field(description="The CPR that the line is about.")
    payout_count: int = strawberry.field(description="How many payouts there were.")
    principal: Money = strawberry.field(description="Paid back: no income.")
    interest: Money = strawberry.field(description="Income, before fee and tax.")
    exempt_interest: Money = strawberry.field(description="The part of the interest that is exempt from income tax.")
    fee: Money = strawberry.field(description="The platform's share of the interest.")
    tax: Money = strawberry.field(description="Withheld.")
    net: Money = strawberry.field(description="Credited to the wallet.")
    opening_balance: Money = strawberry.field(description="Principal still out at the end of the year before.")
    closing_balance: Money = strawberry.field(description="Principal still out at the end of the year.")

    @classmethod
    def of(cls, line: income.IncomeLine) -> "IncomeStatementLine":
        return cls(
            cpr=CPR.of(line.cpr_id),
            payout_count=line.payout_count,
            principal=Money.of_minor(line.principal_minor),
            interest=Money.of_minor(line.interest_minor),
            exempt_interest=Money.of_minor(line.exempt_interest_minor),
            fee=Money.of_minor(line.fee_minor),
            tax=Money.of_minor(line.tax_minor),
            net=Money.of_minor(line.net_minor),
            opening_balance=Money.of_minor(line.opening_balance_minor),
            closing_balance=Money.of_minor(line.closing_balance_minor),
        )


@strawberry.type(description="What selling quotas of one CPR brought in a year.")
class QuotaSaleLine:
    cpr: CPR | None = strawberry.field(description="The CPR that the line is about.")
    quota_count: int = strawberry.field(description="How many quotas were sold.")
    price: Money = strawberry.field(description="What the buyers paid.")
    cost: Money = strawberry.field(
        description="What the seller had paid for these quotas, less the principal paid back before the sale."
    )
    fee: Money = strawberry.field(description="What the platform kept of the price.")
    tax: Money = strawberry.field(description="Withheld from the gain.")
    net: Money = strawberry.field(description="Credited to the wallet.")
    gain: Money = strawberry.field(description="The price less cost and fee; below zero for a loss.")

    @classmethod
    def of(cls, sold: SoldSums) -> "QuotaSaleLine":
        return cls(
            cpr=CPR.of(sold.cpr_id),
            quota_count=sold.quota_count,
            price=Money.of_minor(sold.price_minor),
            cost=Money.of_minor(sold.cost_minor),
            fee=Money.of_minor(sold.fee_minor),
            tax=Money.of_minor(sold.tax_minor),
            net=Money.of_minor(sold.price_minor - sold.fee_minor - sold.tax_minor),
            gain=Money.of_minor(sold.price_minor - sold.cost_minor - sold.fee_minor),
        )


@strawberry.type(description="An investor's income of a calendar year, as the tax declaration asks for it.")
class IncomeStatement:
    year: int = strawberry.field(description="The calendar year, in Brasília.")
    principal: Money = strawberry.field(description="Paid back: no income.")
    interest: Money = strawberry.field(description="Income, before fee and tax.")
    exempt_interest: Money = strawberry.field(description="The part of the interest that is exempt from income tax.")
    fee: Money = strawberry.field(description="The platform's share of the interest.")
    tax: Money = strawberry.field(description="Income tax withheld from the interest.")
    net: Money = strawberry.field(description="Credited to the wallet.")
    opening_balance: Money = strawberry.field(description="Principal still out at the end of the year before.")
    closing_balance: Money = strawberry.field(description="Principal still out at the end of the year.")
    lines: list[IncomeStatementLine] = strawberry.field(description="CPR by CPR; the amounts above are their sums.")
    sales: list[QuotaSaleLine] = strawberry.field(description="Quotas sold to others in the year.")
    pdf_path: str = strawberry.field(
        description="The same on paper, in Portuguese, with name and CPF: GET it with an access token."
    )

    @classmethod
    def of(cls, statement: income.IncomeStatement, *, pdf_path: str) -> "IncomeStatement":
        return cls(
            year=statement.year,
            principal=Money.of_minor(statement.total("principal_minor")),
            interest=Money.of_minor(statement.total("interest_minor")),
            exempt_interest=Money.of_minor(statement.total("exempt_interest_minor")),
            fee=Money.of_minor(statement.total("fee_minor")),
            tax=Money.of_minor(statement.total("tax_minor")),
            net=Money.of_minor(statement.total("net_minor")),
            opening_balance=Money.of_minor(statement.total("opening_balance_minor")),
            closing_balance=Money.of_minor(statement.total("closing_balance_minor")),
            lines=[IncomeStatementLine.of(line) for line in statement.lines],
            sales=[QuotaSaleLine.of(sold) for sold in statement.sales],
            pdf_path=pdf_path,
        )
