"""Words of contracts alone."""

from enum import StrEnum


class CPRStatus(StrEnum):
    """A CPR's life, in its usual order."""

    DRAFTED = "DRAFTED"
    """Its text waits for the farmer's signature."""
    SIGNING = "SIGNING"
    """The signature was asked for and is under way."""
    SIGNED = "SIGNED"
    """Signed; the registry is asked next."""
    REGISTERING = "REGISTERING"
    """The registry has it."""
    REGISTERED = "REGISTERED"
    """Registered, and offered to investors."""
    FUNDED = "FUNDED"
    """Investors have put up the money; it is on its way to the farmer."""
    ACTIVE = "ACTIVE"
    """Disbursed, being repaid."""
    SETTLED = "SETTLED"
    """Everything is repaid."""
    DEFAULTED = "DEFAULTED"
    """More than 30 days late."""
    CANCELLED = "CANCELLED"
    """It came to nothing: nobody owes anything by it."""


UNDER_REPAYMENT = (CPRStatus.ACTIVE, CPRStatus.DEFAULTED)
"""Money is out and not all of it back."""


class InstallmentStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    """Not due yet, or due today."""
    LATE = "LATE"
    """Its day has passed and not all of it is paid."""
    PAID = "PAID"
    """All of it is paid."""
    REPLACED = "REPLACED"
    """Those of a later schedule took its place: what was paid of it stays paid, and no more is owed."""


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


class RenegotiationStatus(StrEnum):
    """Where a renegotiation stands, in its usual order; the last five are other ends."""

    PROPOSED = "PROPOSED"
    """Staff has proposed it; the farmer has not answered."""
    VOTING = "VOTING"
    """The farmer has agreed; the holders of the CPR's quotas decide."""
    CONSENTED = "CONSENTED"
    """The holders have consented; the new schedule is about to take the old one's place."""
    IN_FORCE = "IN_FORCE"
    """The new schedule has taken the old one's place."""
    REFUSED = "REFUSED"
    """The farmer refused it."""
    WITHDRAWN = "WITHDRAWN"
    """Staff took it back."""
    EXPIRED = "EXPIRED"
    """The farmer did not answer in time."""
    REJECTED = "REJECTED"
    """Too few holders consented."""
    OVERTAKEN = "OVERTAKEN"
    """Something was paid meanwhile, it came too late, or nobody said in time who votes: the debt is another by now."""


OPEN_RENEGOTIATIONS = (RenegotiationStatus.PROPOSED, RenegotiationStatus.VOTING, RenegotiationStatus.CONSENTED)


class Silence(StrEnum):
    """What it means that a holder does not vote."""

    REFUSES = "REFUSES"
    """Who does not vote counts as refusing."""
    CONSENTS = "CONSENTS"
    """Who does not vote counts as consenting."""
    NOT_COUNTED = "NOT_COUNTED"
    """The quotas of those who vote are all that counts."""


class CollectionStepKind(StrEnum):
    """What is done to collect a debt that is in default."""

    NOTICE = "NOTICE"
    """The farmer was asked in writing to pay (notificação extrajudicial)."""
    CREDIT_BUREAU = "CREDIT_BUREAU"
    """The debt was reported to a credit bureau (negativação)."""
    PROTEST = "PROTEST"
    """The CPR was protested at a notary's (protesto)."""
    AGENCY = "AGENCY"
    """A collection agency was given the case."""
    JUDICIAL = "JUDICIAL"
    """It was taken to court (execução)."""
