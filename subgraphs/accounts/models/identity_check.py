"""Proving who somebody is: uploads, checks, and the record of decisions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.models.vocabulary import CheckStatus
from subgraphs.shared.named import Named


class Upload(Base):
    """A file that a person sent; its content is sealed and deleted when no longer needed."""

    __tablename__ = "uploads"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    media_type: Mapped[str]
    """Found in the content, never taken from the name or the sender's word."""
    size_bytes: Mapped[int] = mapped_column(Integer)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    attached_at: Mapped[datetime | None]
    """Since when it belongs to an identity check."""
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_uploads_user_id", "user_id"),
        Index("ix_uploads_unattached", "created_at", postgresql_where=text("attached_at IS NULL")),
    )


class IdentityCheck(Base):
    """One attempt to prove an identity: a selfie and a document; of a company its articles alone."""

    __tablename__ = "identity_checks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    status: Mapped[CheckStatus] = mapped_column(Named(CheckStatus))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id"))
    selfie_id: Mapped[UUID | None] = mapped_column(ForeignKey("uploads.id"))
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    """For the person: why it was rejected, or what a new upload should show."""

    __table_args__ = (
        # One at a time: two open checks could be decided differently.
        Index(
            "uq_identity_checks_open",
            "user_id",
            unique=True,
            postgresql_where=text("status IN ('PENDING', 'IN_REVIEW')"),
        ),
        Index("ix_identity_checks_user_id", "user_id", "submitted_at"),
        Index("ix_identity_checks_status", "status", "submitted_at", "id"),
    )


class AuditEntry(Base):
    """Who decided or looked at what about whom. Never changed, never deleted: a trigger sees to it."""

    __tablename__ = "audit_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    """Nobody when it was decided automatically."""
    action: Mapped[str]
    user_id: Mapped[UUID]
    """The person or company it is about."""
    subject_id: Mapped[UUID | None]
    """The identity check, upload, representation or session it is about."""
    reason: Mapped[str | None]

    __table_args__ = (
        Index("ix_audit_entries_occurred_at", "occurred_at", "id"),
        Index("ix_audit_entries_action", "action", "occurred_at", "id"),
        Index("ix_audit_entries_actor_id", "actor_id", "occurred_at", "id"),
        Index("ix_audit_entries_user_id", "user_id", "occurred_at"),
        Index("ix_audit_entries_subject_id", "subject_id", "occurred_at"),
    )
