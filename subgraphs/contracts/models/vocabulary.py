"""Words of contracts alone."""

from enum import StrEnum


class CPRStatus(StrEnum):
    """A CPR's life, in its usual order."""

    DRAFTED = "DRAFTED"
    SIGNING = "SIGNING"
    SIGNED = "SIGNED"
    REGISTERING = "REGISTERING"
    REGISTERED = "REGISTERED"
    FUNDED = "FUNDED"
    """Investors have put up the money; it is on its way to the farmer."""
    ACTIVE = "ACTIVE"
    """Disbursed, being repaid."""
    SETTLED = "SETTLED"
    DEFAULTED = "DEFAULTED"
    """More than 30 days late."""
    CANCELLED = "CANCELLED"


UNDER_REPAYMENT = (CPRStatus.ACTIVE, CPRStatus.DEFAULTED)
"""Money is out and not all of it back."""


class InstallmentStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    LATE = "LATE"
    PAID = "PAID"


class Party(StrEnum):
    """Providers that work for a CPR outside the platform."""

    SIGNATURE = "SIGNATURE"
    REGISTRY = "REGISTRY"


class OrderStatus(StrEnum):
    """What became of something asked of a provider."""

    REQUESTED = "REQUESTED"
    COMPLETED = "COMPLETED"
    REFUSED = "REFUSED"


class PaymentOutcome(StrEnum):
    """How a payment met its installment."""

    EXACT = "EXACT"
    ABOVE = "ABOVE"
    """More than the installment, as with a fine; it pays."""
    BELOW = "BELOW"
    """Less than was owed with the cost of being late: the rest stays open."""
    REPEATED = "REPEATED"
    """The installment was paid before; somebody has to look at it."""


class RateConversion(StrEnum):
    """How an annual rate becomes a monthly one."""

    EFFECTIVE = "EFFECTIVE"
    """(1 + a)^(1/12) - 1: twelve months compound to the annual rate."""
    NOMINAL = "NOMINAL"
    """a / 12."""


class BusinessDayRule(StrEnum):
    """What becomes of a due date on a day without banks."""

    FOLLOWING = "FOLLOWING"
    PRECEDING = "PRECEDING"
    UNADJUSTED = "UNADJUSTED"
