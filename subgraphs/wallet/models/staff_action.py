"""What staff did to people's money."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.shared.named import Named
from subgraphs.wallet.models.declarative import Base


class StaffActionKind(StrEnum):
    REVERSE_TRANSFER = "REVERSE_TRANSFER"
    """Undo all that moved for one fact."""
    RESOLVE_SUSPENSE = "RESOLVE_SUSPENSE"
    """Give a payment in suspense to the person whose it is."""
    RELEASE_UNCLAIMED = "RELEASE_UNCLAIMED"
    """Give an unclaimed credit to the wallet of a person whose identity is verified."""
    PAY_OUT_UNCLAIMED = "PAY_OUT_UNCLAIMED"
    """Enter that an unclaimed credit was paid at the bank, to whom the law says."""
    RETURN_PAYMENT = "RETURN_PAYMENT"
    """Send a payment back to who made it."""


class StaffAction(Base):
    """One decision, with who proposed and who approved it, and why; the database lets nobody change it."""

    __tablename__ = "staff_actions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_id: Mapped[UUID]
    """Who proposed it; of those from before there were proposals, who did it alone."""
    approved_by: Mapped[UUID | None]
    proposal_id: Mapped[UUID | None] = mapped_column(unique=True)
    action: Mapped[StaffActionKind] = mapped_column(Named(StaffActionKind))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    """The payment or unclaimed credit decided on, or the fact undone: what its transfers name as their cause."""
    amount_minor: Mapped[int | None]
    """How much was given out of suspense: what was left there. Of decisions from before parts could go back, None."""
    reason: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        Index("ix_staff_actions_alone", "at", "id", postgresql_where=text("proposal_id IS NULL")),
        ForeignKeyConstraint(
            ("proposal_id", "action", "subject_id", "actor_id", "approved_by"),
            (
                "staff_proposals.id",
                "staff_proposals.kind",
                "staff_proposals.subject_id",
                "staff_proposals.proposed_by",
                "staff_proposals.decided_by",
            ),
            name="fk_staff_actions_proposal",
        ),
    )
