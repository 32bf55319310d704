"""A farmer's request for credit, the steps it went through, and the decision that ended it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, Integer, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.credit.models.orm import Base
from subgraphs.credit.models.vocabulary import OPEN_STATUSES, RequestStatus
from subgraphs.shared.named import Named


class CreditRequest(Base):
    """What a farmer asks for, as submitted; only the status and its dates move afterwards."""

    __tablename__ = "credit_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    farmer_id: Mapped[UUID]
    status: Mapped[RequestStatus] = mapped_column(Named(RequestStatus))
    amount_minor: Mapped[int]
    term_months: Mapped[int] = mapped_column(Integer)
    purpose: Mapped[str]
    purpose_note: Mapped[str]
    crop: Mapped[str]
    hectares: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    land_tenure: Mapped[str]
    region: Mapped[str]
    municipality: Mapped[str]
    """IBGE's seven digits."""
    car_number: Mapped[str]
    certifications: Mapped[list[str]] = mapped_column(ARRAY(Text))
    last_cycle_revenue_minor: Mapped[int]
    families_benefited: Mapped[int] = mapped_column(Integer)
    amortisation: Mapped[str]
    """The farmer's wish; the CPR follows it."""
    submitted_at: Mapped[datetime]
    scoring_asked_at: Mapped[datetime]
    """When its scoring was last set in motion."""
    scored_at: Mapped[datetime | None]
    score_id: Mapped[UUID | None] = mapped_column(ForeignKey("agro_scores.id", use_alter=True))
    """The newest score; earlier ones stay."""
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_credit_requests_farmer_id", "farmer_id", "submitted_at", "id"),
        Index("ix_credit_requests_status", "status", "submitted_at", "id"),
        Index(
            "ix_credit_requests_scoring_asked_at",
            "scoring_asked_at",
            postgresql_where=text("status IN ('SUBMITTED', 'SCORING')"),
        ),
        Index(
            "uq_credit_requests_one_open",
            "farmer_id",
            unique=True,
            postgresql_where=text(f"status IN ({', '.join(repr(str(status)) for status in OPEN_STATUSES)})"),
        ),
    )

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


class RequestStep(Base):
    """A status that a request reached, and when. Never changed."""

    __tablename__ = "request_steps"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    credit_request_id: Mapped[UUID] = mapped_column(ForeignKey("credit_requests.id"))
    status: Mapped[RequestStatus] = mapped_column(Named(RequestStatus))
    reached_at: Mapped[datetime]

    __table_args__ = (Index("ix_request_steps_credit_request_id", "credit_request_id", "id"),)


class Decision(Base):
    """Who decided a request, how, on which score and why: the audit trail. Never changed."""

    __tablename__ = "decisions"

    credit_request_id: Mapped[UUID] = mapped_column(ForeignKey("credit_requests.id"), primary_key=True)
    verdict: Mapped[str]
    analyst_id: Mapped[UUID]
    score_id: Mapped[UUID] = mapped_column(ForeignKey("agro_scores.id"))
    approved_amount_minor: Mapped[int | None]
    reason: Mapped[str]
    """For a rejection, what the farmer reads; for an approval, the analyst's note."""
    decided_at: Mapped[datetime]
    correlation_id: Mapped[str]

    __table_args__ = (
        Index("ix_decisions_decided_at", "decided_at", "credit_request_id"),
        Index("ix_decisions_analyst_id", "analyst_id", "decided_at", "credit_request_id"),
    )
