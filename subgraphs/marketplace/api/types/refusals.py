"""The marketplace's refusals in the graph."""

from decimal import Decimal

import strawberry

from subgraphs.marketplace.api.types.enums import OfferingStatus, QuotaOfferStatus
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.refusals import Refusal


@strawberry.type(description="Only people whose identity is verified may invest.")
class InvestorNotVerified(Refusal):
    pass


@strawberry.type(description="There is no such offering, or it is not yours to decide about.")
class OfferingNotFound(Refusal):
    pass


@strawberry.type(description="The offering takes no investments any more.")
class OfferingClosed(Refusal):
    offering_status: OfferingStatus


@strawberry.type(description="A farmer may not invest in their own CPR.")
class OwnOffering(Refusal):
    pass


@strawberry.type(description="The investment is smaller than the smallest one allowed.")
class BelowMinimum(Refusal):
    minimum: Money
    requested: Money


@strawberry.type(description="Fewer quotas are free than were asked for.")
class QuotasUnavailable(Refusal):
    available_quotas: int
    requested_quotas: int


@strawberry.type(description="One lender may have only so much in one borrower.")
class BorrowerLimitExceeded(Refusal):
    limit: Money
    committed: Money = strawberry.field(description="What you have with this farmer already.")
    requested: Money
    remaining: Money


@strawberry.type(
    description="Much of your portfolio would be in one CPR. "
    "Send the phrase as `confirmationPhrase` if you understand the risk."
)
class ConcentrationNotConfirmed(Refusal):
    share: Decimal = strawberry.field(description="Of the portfolio with this investment, as a fraction.")
    phrase: str


@strawberry.type(description="There is nothing to decide: the offering still runs, or has ended for good.")
class OfferingNotExpired(Refusal):
    offering_status: OfferingStatus


@strawberry.type(description="The wallet has not answered for every investment; try again in a few minutes.")
class InvestmentsStillPending(Refusal):
    pending: int


@strawberry.type(description="There is no part to take: nothing is funded.")
class NothingFunded(Refusal):
    pass


@strawberry.type(description="The offering was extended as often as is allowed.")
class ExtensionLimitReached(Refusal):
    limit: int


@strawberry.type(description="There is no such position, or it is not yours.")
class PositionNotFound(Refusal):
    pass


@strawberry.type(description="Quotas of this CPR cannot be offered.")
class CPRNotTraded(Refusal):
    reason: str = strawberry.field(
        description="NOT_ACTIVE (its money is not lent yet), DEFAULTED, SETTLED or RENEGOTIATING."
    )


@strawberry.type(description="There is no such offer of quotas, or it is not yours to withdraw.")
class QuotaOfferNotFound(Refusal):
    pass


@strawberry.type(description="The offer of quotas has ended.")
class QuotaOfferClosed(Refusal):
    offer_status: QuotaOfferStatus


@strawberry.type(description="An installment was paid since you looked: look at the offer again before you buy.")
class InstallmentPaidMeanwhile(Refusal):
    remaining_installments: int


@strawberry.type(description="Nobody buys from themselves.")
class OwnQuotas(Refusal):
    pass
