"""Distribution's facts."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pydantic

from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.person_kind import PersonKind

PAYOUTS_PER_EVENT_MAX = 300
"""Keeps an event well under the broker's limit; a distribution of more is published in parts."""


class DistributedPayout(pydantic.BaseModel):
    """One holder's part, as the wallet credits it: *net_minor* to them, fee and tax to the platform's accounts."""

    payout_id: UUID
    position_id: UUID
    investment_id: UUID
    investor_id: UUID
    principal_minor: int
    interest_minor: int
    gross_minor: int
    fee_minor: int
    tax_minor: int
    net_minor: int
    person: PersonKind
    """What the tax law sees in the holder, by which the tax is paid on to the state."""


class InstallmentDistributed(EventPayload, type="distribution.installment_distributed.v1", subject="distribution_id"):
    """A payment was split; the payouts of all *parts* sum to *total_minor*. Parts of nothing are left out."""

    distribution_id: UUID
    installment_id: UUID
    cpr_id: UUID
    payment_id: UUID
    total_minor: int
    part: int
    """From 1."""
    parts: int
    payouts: list[DistributedPayout]


class DeductionsLaidDown(EventPayload, type="distribution.deductions_laid_down.v1", subject="valid_from"):
    """
    What of an investor's interest fee and tax take from a day on, by the rules as they are now.

    Of a natural person's quota of a registered CPR; taxed by the regressive table, the rate of the shortest time.
    """

    valid_from: date
    """A day in Brasília, which a later one replaces."""
    performance_fee_rate: Decimal
    income_tax_rate: Decimal
    fee_of_late_charges: bool
    """Whether the fee is taken of fine and interest for being late as well."""
    is_taxed_after_fee: bool
    """Whether only what the fee leaves is taxed."""


class AnswerAwaited(EventPayload, type="distribution.answer_awaited.v1", subject="subject_id"):
    """Staff set going again what waits: who has answered says the answer again."""

    what: str
    subject_id: UUID


PUBLISHED: tuple[type[EventPayload], ...] = (InstallmentDistributed, DeductionsLaidDown, AnswerAwaited)
