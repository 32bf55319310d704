"""A CPR and its installments."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.contracts.models.orm import Base
from subgraphs.contracts.models.vocabulary import CPRStatus, InstallmentStatus
from subgraphs.shared.named import Named


class CPR(Base):
    """A producer's promise, from its draft to its settlement."""

    __tablename__ = "cprs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    credit_request_id: Mapped[UUID] = mapped_column(unique=True)
    farmer_id: Mapped[UUID]
    status: Mapped[CPRStatus] = mapped_column(Named(CPRStatus))
    purpose: Mapped[str]
    crop: Mapped[str]
    hectares: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    region: Mapped[str]
    municipality: Mapped[str]
    families_benefited: Mapped[int] = mapped_column(Integer)
    grade: Mapped[str]
    drafted_principal_minor: Mapped[int]
    """As approved and registered."""
    principal_minor: Mapped[int]
    """As funded, which may be less, once disbursed."""
    annual_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    monthly_rate: Mapped[Decimal] = mapped_column(Numeric(15, 12))
    term_months: Mapped[int] = mapped_column(Integer)
    amortisation: Mapped[str]
    business_day_rule: Mapped[str]
    late_fine_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    late_monthly_rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    drafted_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    issued_on: Mapped[date | None] = mapped_column(Date)
    """The day of signature in Brasília."""
    document: Mapped[str | None]
    """The text that was sent to be signed, as it was."""
    document_digest: Mapped[str | None]
    """SHA-256 of that text."""
    registration_due_on: Mapped[date | None] = mapped_column(Date)
    registered_at: Mapped[datetime | None]
    registry_name: Mapped[str | None] = mapped_column("registry")
    registration_number: Mapped[str | None]
    disbursed_at: Mapped[datetime | None]
    """From here on the schedule stands."""
    terms_told_at: Mapped[datetime | None]
    """When the schedule was told with the rates of paying late and early; None of older CPRs until a job does it."""
    settled_at: Mapped[datetime | None]
    defaulted_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]

    __table_args__ = (
        Index("ix_cprs_farmer_id", "farmer_id", "drafted_at", "id"),
        Index(
            "ix_cprs_registration_due_on",
            "registration_due_on",
            postgresql_where=text("status IN ('SIGNED', 'REGISTERING')"),
        ),
        Index(
            "ix_cprs_terms_untold",
            "id",
            postgresql_where=text("terms_told_at IS NULL AND status IN ('ACTIVE', 'DEFAULTED')"),
        ),
    )

    @property
    def number(self) -> str:
        """What people call it by."""
        return f"CPR-{self.drafted_at.year}-{self.id.hex[-8:].upper()}"

    @property
    def is_public(self) -> bool:
        """Registered CPRs are for every signed-in person to see."""
        return self.registered_at is not None

    def is_any_of(self, *statuses: CPRStatus) -> bool:
        return self.status in statuses


class Installment(Base):
    """One dated sum owed under a CPR: a projection until the CPR is disbursed, a debt from then on."""

    __tablename__ = "installments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cpr_id: Mapped[UUID] = mapped_column(ForeignKey("cprs.id"))
    number: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date] = mapped_column(Date)
    principal_minor: Mapped[int]
    interest_minor: Mapped[int]
    status: Mapped[InstallmentStatus] = mapped_column(Named(InstallmentStatus))
    paid_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
    """When "due soon" was told."""
    late_at: Mapped[datetime | None]
    """When it was found late."""
    settled_minor: Mapped[int]
    """What payments have settled of the amount so far, its interest before its principal."""
    payment_count: Mapped[int] = mapped_column(Integer)
    """The number of the last payment that this and the next two are from; 0 before the first."""
    charged_days: Mapped[int] = mapped_column(Integer)
    """Of being late, those that payments were charged for."""
    late_left_minor: Mapped[int]
    """What payments left unpaid of the fine and interest they were charged."""
    schedule_version: Mapped[int] = mapped_column(Integer)
    """Which of the CPR's schedules it is of: 1 is the one that was signed, each renegotiation brings the next."""
    carried_minor: Mapped[int]
    """What of the interest was owed before its schedule began: it has accrued, whenever it is paid."""
    carried_late_minor: Mapped[int]
    """What of that is fine and interest for being late. Payments settle it before the rest of the interest."""

    __table_args__ = (
        UniqueConstraint("cpr_id", "number"),
        Index("ix_installments_due_on", "due_on", postgresql_where=text("status <> 'PAID'")),
    )

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor

    @property
    def is_owed(self) -> bool:
        """Whether something of it is still to be paid."""
        return self.status in (InstallmentStatus.SCHEDULED, InstallmentStatus.LATE)

    @property
    def open_interest_minor(self) -> int:
        """What of the interest payments have not settled, which they do before the principal."""
        return max(self.interest_minor - self.settled_minor, 0)

    @property
    def open_carried_late_minor(self) -> int:
        return max(self.carried_late_minor - self.settled_minor, 0)

    @property
    def open_minor(self) -> int:
        """What of the amount is still to be paid, without the cost of being late."""
        return self.amount_minor - self.settled_minor


class InstallmentPayment(Base):
    """A payment that wallet confirmed for an installment, and how it met it. Never changed."""

    __tablename__ = "installment_payments"

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    installment_id: Mapped[UUID] = mapped_column(ForeignKey("installments.id"))
    amount_minor: Mapped[int]
    number: Mapped[int] = mapped_column(Integer)
    """Which payment of the installment it is, from 1."""
    due_minor: Mapped[int]
    """What of the installment's amount was open before it."""
    late_minor: Mapped[int]
    """The fine and late interest due on top at that moment."""
    reduction_minor: Mapped[int]
    """What was taken off for paying early."""
    method: Mapped[str]
    outcome: Mapped[str]
    confirmed_at: Mapped[datetime]

    __table_args__ = (
        Index(
            "uq_installment_payments_one_pays",
            "installment_id",
            unique=True,
            postgresql_where=text("outcome IN ('EXACT', 'ABOVE')"),
        ),
        Index(
            "uq_installment_payments_number",
            "installment_id",
            "number",
            unique=True,
            postgresql_where=text("outcome <> 'REPEATED'"),
        ),
    )
