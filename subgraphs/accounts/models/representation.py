"""Who may act for a company."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Date, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.models.vocabulary import Power


class Representation(Base):
    """One person's powers for one company, from a day to a day. Other powers are another row after this one's end."""

    __tablename__ = "representations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    powers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[date] = mapped_column(Date)
    """A day in Brasília."""
    valid_until: Mapped[date | None] = mapped_column(Date)
    """The last day; without an end when None."""
    appointed_at: Mapped[datetime]
    appointed_by: Mapped[UUID]
    ended_at: Mapped[datetime | None]
    """When it was ended before its time."""
    ended_by: Mapped[UUID | None]

    __table_args__ = (
        Index(
            "uq_representations_open",
            "company_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_representations_person_id", "person_id"),
    )

    def holds_on(self, day: date) -> bool:
        """Whether the powers are in force on *day*."""
        return (
            self.ended_at is None and self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)
        )

    @property
    def is_lasting_administrator(self) -> bool:
        """Whether the company can count on this person: somebody has to be able to appoint the next."""
        return self.ended_at is None and self.valid_until is None and Power.ADMINISTER in self.powers
