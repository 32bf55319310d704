"""What the rules of contracts say no to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from subgraphs.contracts.models.vocabulary import CPRStatus, RenegotiationStatus
from subgraphs.shared.refusal import Refusal


@dataclass
class CPRNotFound(Refusal):
    """There is no such CPR, or it is not the asker's."""

    cpr_id: UUID


@dataclass
class CPRNotSignable(Refusal):
    """Only a drafted CPR can be signed."""

    cpr_status: CPRStatus


@dataclass
class CPRDocumentChanged(Refusal):
    """The text that the farmer saw is not the text there is now."""

    document_digest: str
    """Of the text there is now."""


WhyNotRenegotiable = Literal["NOT_UNDER_REPAYMENT", "NOT_LATE", "UNDER_RENEGOTIATION", "NO_PRINCIPAL"]
"""NO_PRINCIPAL: only interest and charges are left of it."""


@dataclass
class CPRNotRenegotiable(Refusal):
    """There is nothing to renegotiate about the CPR now."""

    reason: WhyNotRenegotiable


@dataclass
class OwnCPR(Refusal):
    """Nobody proposes terms for their own debt."""

    cpr_id: UUID


@dataclass
class RenegotiationOutsideLimits(Refusal):
    """A proposal goes further than the rules of the day let it."""

    term_months_max: int
    annual_rate_min: Decimal
    annual_rate_max: Decimal
    late_discount_max: Decimal


@dataclass
class RenegotiationNotFound(Refusal):
    """There is no such renegotiation, or it is not the asker's to decide."""

    renegotiation_id: UUID


@dataclass
class RenegotiationClosed(Refusal):
    """The renegotiation is past what was asked for."""

    renegotiation_status: RenegotiationStatus


@dataclass
class RelatedToBorrower(Refusal):
    """Who is of one interest with the borrower does not vote on what the others get."""

    renegotiation_id: UUID


@dataclass
class AlreadyVoted(Refusal):
    """A vote is given once."""

    consents: bool
    """The one that was given."""
