"""What a check of the books found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.wallet.models.declarative import Base


class BooksCheck(Base):
    """One whole check; the database lets nobody change it."""

    __tablename__ = "books_checks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(index=True)
    entries: Mapped[int]
    digest: Mapped[str]
    problems: Mapped[list[str]] = mapped_column(ARRAY(Text))
    not_asked: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """What could not be looked at."""
