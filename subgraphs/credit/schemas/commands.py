"""What clients ask credit to do, with the wire stripped off."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from subgraphs.credit.models.vocabulary import Certification, CreditPurpose, DocumentKind, LandTenure
from subgraphs.shared.vocabulary import Amortisation, Crop, Region


@dataclass(frozen=True, kw_only=True)
class RequestCredit:
    amount_minor: int
    term_months: int
    purpose: CreditPurpose
    purpose_note: str
    crop: Crop
    hectares: Decimal
    land_tenure: LandTenure
    region: Region
    municipality: str
    car_number: str
    certifications: tuple[Certification, ...]
    last_cycle_revenue_minor: int
    families_benefited: int
    amortisation: Amortisation
    idempotency_key: str


@dataclass(frozen=True, kw_only=True)
class ApproveCreditRequest:
    credit_request_id: UUID
    approved_amount_minor: int | None
    """Less than asked for, or None for all of it."""
    note: str


@dataclass(frozen=True, kw_only=True)
class RejectCreditRequest:
    credit_request_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class AddDocument:
    credit_request_id: UUID
    kind: DocumentKind
    file_name: str
    content: bytes
