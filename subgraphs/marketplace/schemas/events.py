"""The marketplace's facts."""

from datetime import datetime
from uuid import UUID

import pydantic

from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.person_kind import PersonKind


class OfferingOpened(EventPayload, type="marketplace.offering_opened.v1", subject="offering_id"):
    """A CPR can be funded."""

    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    quota_count: int
    quota_price_minor: int
    closes_at: datetime


class OfferingExpired(EventPayload, type="marketplace.offering_expired.v1", subject="offering_id"):
    """The deadline passed below 100 %; the farmer may decide until *decide_by*."""

    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    funded_quotas: int
    quota_count: int
    decide_by: datetime


class OfferingExtended(EventPayload, type="marketplace.offering_extended.v1", subject="offering_id"):
    """The farmer gave the offering more time."""

    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    closes_at: datetime


class OfferingMilestoneReached(EventPayload, type="marketplace.offering_milestone_reached.v1", subject="offering_id"):
    """50, 75 or 100 percent of the quotas are confirmed; each is said once."""

    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    percent: int


class OfferingFunded(EventPayload, type="marketplace.offering_funded.v1", subject="offering_id"):
    """Funding is complete: every quota, or the part that the farmer took. Counts and principal are the funded ones."""

    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    farmer_person: PersonKind
    """What the tax law sees in who borrows."""
    grade: str
    principal_minor: int
    quota_count: int
    investment_count: int
    funded_at: datetime


class OfferingCancelled(EventPayload, type="marketplace.offering_cancelled.v1", subject="offering_id"):
    """The offering ended without credit; an `investment_cancelled` for each hold went before."""

    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID


class InvestmentRequested(EventPayload, type="marketplace.investment_requested.v1", subject="investment_id"):
    """Somebody wants quotas, which are reserved; the wallet is to hold the money."""

    investment_id: UUID
    offering_id: UUID
    cpr_id: UUID
    investor_id: UUID
    quota_count: int
    amount_minor: int


class InvestmentConfirmed(EventPayload, type="marketplace.investment_confirmed.v1", subject="investment_id"):
    """The money is held and the quotas are the investor's, from *confirmed_at* on."""

    investment_id: UUID
    offering_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    investor_id: UUID
    quota_count: int
    amount_minor: int
    confirmed_at: datetime
    person: PersonKind = PersonKind.NATURAL
    """What the tax law sees in the investor."""


class InvestmentRefused(EventPayload, type="marketplace.investment_refused.v1", subject="investment_id"):
    """The investment did not come about; its quotas are free again."""

    investment_id: UUID
    offering_id: UUID
    investor_id: UUID
    reason: str


class InvestmentCancelled(EventPayload, type="marketplace.investment_cancelled.v1", subject="investment_id"):
    """Money is held for nothing: the wallet is to give the hold back."""

    investment_id: UUID
    offering_id: UUID
    cpr_id: UUID
    investor_id: UUID
    hold_id: UUID
    amount_minor: int


class InvestmentClosed(EventPayload, type="marketplace.investment_closed.v1", subject="investment_id"):
    """The CPR was repaid; nothing more is to come."""

    investment_id: UUID
    investor_id: UUID
    cpr_id: UUID


class QuotasOffered(EventPayload, type="marketplace.quotas_offered.v1", subject="offer_id"):
    """Quotas were offered in a holder's name, who is to know of it: it might not have been them."""

    offer_id: UUID
    cpr_id: UUID
    seller_id: UUID
    quota_count: int
    price_minor: int
    """Of one quota."""


class QuotasWanted(EventPayload, type="marketplace.quotas_wanted.v1", subject="purchase_id"):
    """Somebody wants quotas that another offers; the wallet is to swap them for their price, or to refuse."""

    purchase_id: UUID
    offer_id: UUID
    cpr_id: UUID
    investment_id: UUID
    """The investment by which the quotas came into being."""
    position_id: UUID
    position_quotas: int
    """All that the position began with."""
    seller_id: UUID
    buyer_id: UUID
    seller_person: PersonKind = PersonKind.NATURAL
    """What the tax law sees in the seller; the next, in the buyer."""
    buyer_person: PersonKind = PersonKind.NATURAL
    quota_count: int
    price_minor: int
    """Of all of them."""
    paid_installments: int
    """How many installments of the CPR are paid as far as the buyer was told."""
    received_payments: int
    """By how many payments, parts of installments included, as far as we have heard."""
    principal_minor: int
    """Of the whole CPR."""
    unpaid_principal_minor: int
    """What of it is still to come after so many installments."""
    offered_at: datetime
    """When the seller made the offer."""
    good_until: datetime


class QuotasBought(EventPayload, type="marketplace.quotas_bought.v1", subject="purchase_id"):
    """Quotas are the buyer's; the position has the purchase's id."""

    purchase_id: UUID
    cpr_id: UUID
    buyer_id: UUID
    quota_count: int
    amount_minor: int


class QuotasSold(EventPayload, type="marketplace.quotas_sold.v1", subject="purchase_id"):
    """Quotas of the seller's have gone to somebody; *net_minor* is what they got for them."""

    purchase_id: UUID
    cpr_id: UUID
    seller_id: UUID
    quota_count: int
    amount_minor: int
    net_minor: int


class QuotaPurchaseRefused(EventPayload, type="marketplace.quota_purchase_refused.v1", subject="purchase_id"):
    """Neither quotas nor money have changed hands."""

    purchase_id: UUID
    buyer_id: UUID
    reason: str


class QuotaOfferEnded(EventPayload, type="marketplace.quota_offer_ended.v1", subject="offer_id"):
    """An offer ended by itself: its CPR is in default, renegotiated or repaid."""

    offer_id: UUID
    cpr_id: UUID
    seller_id: UUID
    reason: str


class QuotaPositionClosed(EventPayload, type="marketplace.quota_position_closed.v1", subject="position_id"):
    """A position has ended: sold out, or, of one that was bought, repaid."""

    position_id: UUID
    cpr_id: UUID
    investor_id: UUID
    ended_as: str


class TradingStopped(EventPayload, type="marketplace.trading_stopped.v1", subject="cpr_id"):
    """A CPR is renegotiated: no new purchase of its quotas is begun. Of use to the marketplace alone."""

    renegotiation_id: UUID
    cpr_id: UUID


HOLDERS_PER_EVENT_MAX = 500
"""Keeps an event well under the broker's limit; a roll of more is told in parts."""


class RollHolder(pydantic.BaseModel):
    """A holder of a CPR's quotas, and how many of them."""

    investor_id: UUID
    quota_count: int


class QuotaRollTold(EventPayload, type="marketplace.quota_roll_told.v1", subject="cpr_id"):
    """Who holds the quotas of a CPR whose trade has stopped; those of all such events sum to *quota_count*."""

    renegotiation_id: UUID
    cpr_id: UUID
    quota_count: int
    holders: list[RollHolder]


class AnswerAwaited(EventPayload, type="marketplace.answer_awaited.v1", subject="subject_id"):
    """Staff set going again what waits: who has answered says the answer again."""

    what: str
    subject_id: UUID


PUBLISHED: tuple[type[EventPayload], ...] = (
    OfferingOpened,
    OfferingExpired,
    OfferingExtended,
    OfferingMilestoneReached,
    OfferingFunded,
    OfferingCancelled,
    InvestmentRequested,
    InvestmentConfirmed,
    InvestmentRefused,
    InvestmentCancelled,
    InvestmentClosed,
    QuotasOffered,
    QuotasWanted,
    QuotasBought,
    QuotasSold,
    QuotaPurchaseRefused,
    QuotaOfferEnded,
    QuotaPositionClosed,
    TradingStopped,
    QuotaRollTold,
    AnswerAwaited,
)
