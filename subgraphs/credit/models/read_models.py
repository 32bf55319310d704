"""What credit keeps of other domains' facts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.credit.models.orm import Base
from subgraphs.shared.messaging.read_models import Versioned


class Applicant(Versioned, Base):
    """A person whose identity accounts has verified; only accounts knows who it is."""

    __tablename__ = "applicants"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When the account was closed."""


class RepaymentRecord(Base):
    """How a farmer's CPR went: when it last fell into default, came out of it and had new terms, and its settlement."""

    __tablename__ = "repayment_records"

    cpr_id: Mapped[UUID] = mapped_column(primary_key=True)
    farmer_id: Mapped[UUID]
    defaulted_at: Mapped[datetime | None]
    recovered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    renegotiated_at: Mapped[datetime | None]
    """When it last had new terms: it was not repaid as it was signed."""

    __table_args__ = (Index("ix_repayment_records_farmer_id", "farmer_id"),)

    @property
    def is_in_default(self) -> bool:
        if self.defaulted_at is None or self.settled_at is not None:
            return False
        return self.recovered_at is None or self.recovered_at < self.defaulted_at


class CPRGrading(Base):
    """Which request and grade stand behind a CPR."""

    __tablename__ = "cpr_gradings"

    cpr_id: Mapped[UUID] = mapped_column(primary_key=True)
    credit_request_id: Mapped[UUID] = mapped_column(ForeignKey("credit_requests.id"), unique=True)
    farmer_id: Mapped[UUID]
    score_id: Mapped[UUID] = mapped_column(ForeignKey("agro_scores.id"))
    """The score on which the request was approved."""
    registered_at: Mapped[datetime | None]
    """From then on the grade is for every signed-in person to see."""
