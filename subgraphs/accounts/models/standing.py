"""What accounts keep of other domains' facts, to know whether somebody can leave; and what stays when they do."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base


class Engagement(Base):
    """
    A CPR, an investment or a withdrawal of a person.

    Events arrive in any order: the end may be known before the beginning, and then counts already.
    """

    __tablename__ = "engagements"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The CPR's, the investment's or the withdrawal's id."""
    kind: Mapped[str]
    user_id: Mapped[UUID | None]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_engagements_user_id", "user_id"),)


class WalletBalance(Base):
    """
    What a person could take out of their wallet, as the sum of what the wallet has told.

    Only good for asking people to take their money with them: the books are the wallet's.
    """

    __tablename__ = "wallet_balances"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    available_minor: Mapped[int]


class RetainedRecord(Base):
    """Who the holder of a closed account was, sealed, for as long as the law wants it kept."""

    __tablename__ = "retained_records"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime]

    __table_args__ = (Index("ix_retained_records_kept_until", "kept_until"),)
