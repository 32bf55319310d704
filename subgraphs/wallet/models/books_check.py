"""What checks of the books found, and up to where they verified each chain."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.wallet.models.declarative import Base


class VerifiedPlace(Base):
    """Where all chains stood when a whole check found nothing wrong, signed. The database lets nobody change it."""

    __tablename__ = "verified_places"

    number: Mapped[int] = mapped_column(primary_key=True)
    verified_at: Mapped[datetime]
    server: Mapped[str]
    """PostgreSQL's own name for the cluster: of another one the numbers of transactions say nothing."""
    written_before: Mapped[int]
    """No transaction of a lower number was under way: whatever was written after the place has this number, or more."""
    entries: Mapped[int]
    digest: Mapped[str]
    """Over all chains, as `verified_chains` has them up to this place."""
    key: Mapped[str]
    """By which public key to verify."""
    signature: Mapped[str]
    """Of all of the above, in hexadecimal digits."""


class VerifiedChain(Base):
    """Where one account's chain stood at a place, and until it is listed with a later one."""

    __tablename__ = "verified_chains"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(ForeignKey("verified_places.number"), primary_key=True)
    entry_count: Mapped[int]
    balance_minor: Mapped[int]
    last_hash: Mapped[bytes] = mapped_column(LargeBinary)


class BooksCheck(Base):
    """One check; the database lets nobody change it."""

    __tablename__ = "books_checks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(index=True)
    since: Mapped[int | None] = mapped_column(ForeignKey("verified_places.number"))
    """The place it went on from; none where it was a whole one."""
    entries: Mapped[int]
    digest: Mapped[str]
    problems: Mapped[list[str]] = mapped_column(ARRAY(Text))
    not_asked: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """What could not be looked at."""
