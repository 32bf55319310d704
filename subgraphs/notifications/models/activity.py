"""What happened to a person, as references to the things themselves."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.notifications.models.metadata import Base


class ActivityType(StrEnum):
    """The GraphQL types that can stand in a time line. Their owners give each its words and its instant."""

    DEPOSIT = "Deposit"
    WITHDRAWAL = "Withdrawal"
    PAYMENT_RETURN = "PaymentReturn"
    MONEY_CLAIM = "MoneyClaim"
    INVESTMENT = "Investment"
    PAYOUT = "Payout"
    QUOTA_PURCHASE = "QuotaPurchase"
    AGRO_SCORE = "AgroScore"
    RECEIVED_PAYMENT = "ReceivedPayment"
    LATE_INSTALLMENT = "LateInstallment"
    RENEGOTIATION = "Renegotiation"


class Activity(Base):
    """One entry of a person's time line: a key of another domain's entity, and when it happened for the order."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_user_id", "user_id", "occurred_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The entity's own id."""
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    """One thing may stand in the time lines of two: who sold, and who bought."""
    type: Mapped[str]
    occurred_at: Mapped[datetime]
