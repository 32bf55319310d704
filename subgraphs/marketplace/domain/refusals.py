"""What the marketplace's rules say no to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from subgraphs.marketplace.models import OfferingStatus, QuotaOfferStatus
from subgraphs.shared.refusal import Refusal


@dataclass
class InvestorNotVerified(Refusal):
    """Only people whose identity is verified may invest."""


@dataclass
class OfferingNotFound(Refusal):
    """There is no such offering, or it is not the actor's to decide about."""


@dataclass
class OfferingClosed(Refusal):
    """The offering takes no investments any more."""

    offering_status: OfferingStatus


@dataclass
class OwnOffering(Refusal):
    """A farmer may not lend to themselves."""


@dataclass
class BelowMinimum(Refusal):
    """An investment has a smallest size."""

    minimum_minor: int
    requested_minor: int


@dataclass
class QuotasUnavailable(Refusal):
    """Fewer quotas are free than were asked for."""

    available_quotas: int
    requested_quotas: int


@dataclass
class BorrowerLimitExceeded(Refusal):
    """One lender may have only so much in one borrower."""

    limit_minor: int
    committed_minor: int
    requested_minor: int
    remaining_minor: int


@dataclass
class ConcentrationNotConfirmed(Refusal):
    """Much of the portfolio would be in one CPR; the investor has to say that they understand the risk."""

    is_an_answer = False

    share: Decimal
    """Of the portfolio with this investment, that would be in this CPR."""
    phrase: str
    """To be sent as it is."""


@dataclass
class OfferingNotExpired(Refusal):
    """There is nothing to decide: the offering still runs, or has ended for good."""

    offering_status: OfferingStatus


@dataclass
class InvestmentsStillPending(Refusal):
    """The wallet has not answered for every investment, so the part to take is not known yet."""

    is_an_answer = False

    pending: int


@dataclass
class NothingFunded(Refusal):
    """There is no part to take."""


@dataclass
class ExtensionLimitReached(Refusal):
    """Investors agreed to a deadline; it may move only so often."""

    limit: int


@dataclass
class PositionNotFound(Refusal):
    """There is no such position, or it is not the actor's."""


WhyNotTraded = Literal["NOT_ACTIVE", "DEFAULTED", "SETTLED", "RENEGOTIATING"]
"""NOT_ACTIVE: the CPR's money is not lent yet. RENEGOTIATING: new terms are proposed, and not decided."""


@dataclass
class CPRNotTraded(Refusal):
    """Quotas of this CPR cannot be offered."""

    reason: WhyNotTraded


@dataclass
class QuotaOfferNotFound(Refusal):
    """There is no such offer, or it is not the actor's to withdraw."""


@dataclass
class QuotaOfferClosed(Refusal):
    """The offer has ended."""

    offer_status: QuotaOfferStatus


@dataclass
class InstallmentPaidMeanwhile(Refusal):
    """Since the buyer looked at the offer an installment was paid, so that its price is for more than is to come."""

    remaining_installments: int


@dataclass
class OwnQuotas(Refusal):
    """Nobody buys from themselves."""
