"""
Paying before the due date costs less: the farmer's right (CDC, art. 52 § 2), at the CPR's own rate (CMN 3.516/2007).

An installment alone is worth its present value: what it is, divided by (1 + i) for each month that is left. Who pays
all that is left of a CPR pays the principal, and of the interest what has accrued by that day; for one last installment
the two are the same. Months are equal whatever their days (decision 8): a part of one is its days by the days of the
installment's own period. What is taken off is always interest, never principal: so holders get back what they lent, and
fee and tax are taken on what they have earned. Nor is it ever what an installment carries of a schedule before its own:
that was owed already.
"""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from subgraphs.shared.accrual import PRECISION, accrued_interest, elapsed
from subgraphs.shared.money import round_half_up
from subgraphs.wallet.models import Installment

DAYS_OF_A_MONTH = 30
"""Of months before an installment's own period, which its present value counts as well."""


def reduction_alone(installment: Installment, *, settled_minor: int, on: date) -> int:
    """What is taken off one installment that is paid before it is due; nothing where its terms are not known."""
    if not _has_terms(installment) or on >= installment.due_on:
        return 0
    open_minor = installment.amount_minor - settled_minor
    to_come_minor = open_minor - _open_carried(installment, settled_minor)
    with localcontext(prec=PRECISION):
        months = _months(installment) * (1 - _elapsed(installment, on)) + _before(installment, on)
        present = to_come_minor / (1 + _rate(installment)) ** months
        reduction_minor = to_come_minor - round_half_up(present)
    return min(reduction_minor, _open_interest(installment, settled_minor), open_minor - 1)


def reduction_of_all(installment: Installment, *, settled_minor: int, on: date) -> int:
    """What is taken off one that is paid together with all others that are left: its interest that has not accrued."""
    if not _has_terms(installment) or on >= installment.due_on:
        return 0
    interest_minor = (installment.interest_minor or 0) - installment.carried_minor
    not_accrued = interest_minor - accrued_interest(
        interest_minor,
        monthly_rate=_rate(installment),
        months=_months(installment),
        passed=_elapsed(installment, on),
    )
    open_minor = installment.amount_minor - settled_minor
    # Something is left to be paid also where an installment is of interest alone.
    return min(not_accrued, _open_interest(installment, settled_minor), open_minor - 1)


def reduction_of_part(amount_minor: int, *, total_minor: int, reduction_minor: int) -> int:
    """What of a reduction belongs to a payment of *amount_minor* where *total_minor* would pay all."""
    return round_half_up(Fraction(amount_minor * reduction_minor, total_minor))


def _has_terms(installment: Installment) -> bool:
    terms = (installment.interest_minor, installment.starts_on, installment.months, installment.monthly_rate)
    return None not in terms


def _rate(installment: Installment) -> Decimal:
    return installment.monthly_rate or Decimal(0)


def _months(installment: Installment) -> int:
    return installment.months or 1


def _open_carried(installment: Installment, settled_minor: int) -> int:
    return max(installment.carried_minor - settled_minor, 0)


def _open_interest(installment: Installment, settled_minor: int) -> int:
    """What is open of the interest that has not accrued before the schedule began."""
    open_minor = max((installment.interest_minor or 0) - settled_minor, 0)
    return open_minor - _open_carried(installment, settled_minor)


def _elapsed(installment: Installment, on: date) -> Decimal:
    """What part of the installment's period has passed: 0 before it begins."""
    return elapsed(on, starts_on=installment.starts_on or installment.due_on, due_on=installment.due_on)


def _before(installment: Installment, on: date) -> Decimal:
    starts_on = installment.starts_on or installment.due_on
    return Decimal(max((starts_on - on).days, 0)) / DAYS_OF_A_MONTH
