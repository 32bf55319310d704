"""
What has to be paid for an installment on a day: the sum itself, and once it is late a fine and simple interest.

Contracts owns the rates and says by an event when an installment is late; until then nothing is added, so that
nobody is charged what has not been told to them. Months have thirty days.
"""

from datetime import date
from decimal import Decimal

from subgraphs.shared.money import round_half_up
from subgraphs.wallet.models import Installment

DAYS_OF_A_MONTH = 30


def amount_due(installment: Installment, *, on: date) -> int:
    """In cents, each addition rounded half up."""
    days_late = (on - installment.due_on).days
    if days_late <= 0 or installment.late_fine_rate is None or installment.late_monthly_rate is None:
        return installment.amount_minor
    fine = installment.amount_minor * installment.late_fine_rate
    interest = installment.amount_minor * installment.late_monthly_rate * Decimal(days_late) / DAYS_OF_A_MONTH
    return installment.amount_minor + round_half_up(fine) + round_half_up(interest)
