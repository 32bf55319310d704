"""
An investor's income of a calendar year, as their tax declaration asks for it.

Income counts when it is credited (the cash basis of natural persons), by the calendar of Brasília. The balances are
what of the lent principal was still out at the end of the year and of the year before, in proportion to the quotas
held then.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from subgraphs.distribution.crud import income
from subgraphs.distribution.crud.income import CreditedSums, SoldSums
from subgraphs.shared.clock import BRASILIA, business_date
from subgraphs.shared.money import round_half_up
from subgraphs.shared.reading import Reader, SnapshotSession

FIRST_YEAR = 2020
"""Nothing was paid before the terms began."""


def is_year_of_statements(year: int, *, now: datetime) -> bool:
    """Whether *year* has begun in Brasília, and there may be something in it."""
    return FIRST_YEAR <= year <= business_date(now).year


@dataclass(frozen=True)
class IncomeLine:
    """One CPR's part in a year."""

    cpr_id: UUID
    payout_count: int
    principal_minor: int
    interest_minor: int
    exempt_interest_minor: int
    fee_minor: int
    tax_minor: int
    net_minor: int
    opening_balance_minor: int
    """At the end of the year before."""
    closing_balance_minor: int


@dataclass(frozen=True)
class IncomeStatement:
    """A year, CPR by CPR."""

    year: int
    lines: list[IncomeLine]
    sales: list[SoldSums]
    """What selling quotas brought, CPR by CPR. What a gain is to the tax, the declaration asks apart from interest."""

    def total(self, amount: str) -> int:
        """The sum of one of the lines' amounts."""
        return sum(getattr(line, amount) for line in self.lines)


async def get_income_statement(session: SnapshotSession, investor_id: UUID, year: int) -> IncomeStatement:
    """Of one moment: what is credited meanwhile must not be gone from a balance and missing in the income."""
    start = datetime(year, 1, 1, tzinfo=BRASILIA)
    end = datetime(year + 1, 1, 1, tzinfo=BRASILIA)
    credited = {sums.cpr_id: sums for sums in await income.sum_credited(session, investor_id, start=start, end=end)}
    opening = await _balances(session, investor_id, at=start)
    closing = await _balances(session, investor_id, at=end)
    nothing = CreditedSums(UUID(int=0), 0, 0, 0, 0, 0, 0, 0)
    lines = []
    for cpr_id in sorted(credited.keys() | opening.keys() | closing.keys()):
        sums = credited.get(cpr_id, nothing)
        lines.append(
            IncomeLine(
                cpr_id=cpr_id,
                payout_count=sums.payout_count,
                principal_minor=sums.principal_minor,
                interest_minor=sums.interest_minor,
                exempt_interest_minor=sums.exempt_interest_minor,
                fee_minor=sums.fee_minor,
                tax_minor=sums.tax_minor,
                net_minor=sums.net_minor,
                opening_balance_minor=opening.get(cpr_id, 0),
                closing_balance_minor=closing.get(cpr_id, 0),
            )
        )
    return IncomeStatement(year, lines, await income.sum_sold(session, investor_id, start=start, end=end))


async def _balances(session: Reader, investor_id: UUID, *, at: datetime) -> dict[UUID, int]:
    """By CPR, the principal that is still out; without those that are repaid."""
    balances = {
        cpr_id: round_half_up(Fraction((lent - repaid) * quotas, all_quotas))
        for cpr_id, quotas, all_quotas, lent, repaid in await income.list_balances(session, investor_id, at)
    }
    return {cpr_id: balance for cpr_id, balance in balances.items() if balance}
