"""The tables of a domain's read model of consents, alike in every domain that needs some."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Integer, MetaData, Table, Text
from sqlalchemy import Uuid as UuidType
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.shared.database import Base
from subgraphs.shared.messaging.read_models import Versioned


class _Base(DeclarativeBase):
    """The mapping shared by all domains' tables of consents."""


class ToldConsentText(_Base):
    """A version of a text that accounts has laid down: what it says stays."""

    __tablename__ = "told_consent_texts"

    purpose: Mapped[str] = mapped_column(Text, primary_key=True)
    text_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(Date)
    """A day in Brasília."""
    earlier_good_until: Mapped[date] = mapped_column(Date)
    """The day from which agreement to an earlier version is good no more."""

    __table_args__ = (CheckConstraint("earlier_good_until >= valid_from", name="ck_told_consent_texts_earlier_good"),)


class ToldConsent(Versioned, _Base):
    """What somebody has agreed to; an older fact that arrives later changes nothing."""

    __tablename__ = "told_consents"

    user_id: Mapped[UUID] = mapped_column(UuidType, primary_key=True)
    purpose: Mapped[str] = mapped_column(Text, primary_key=True)
    text_version: Mapped[int | None] = mapped_column(Integer)
    """The text's; None once it is withdrawn."""


_NAMES = ("told_consent_texts", "told_consents")


def consents_tables(metadata: MetaData) -> list[Table]:
    """Add the tables of consents to a domain's *metadata*."""
    return [_Base.metadata.tables[name].to_metadata(metadata) for name in _NAMES]


def create_consents_tables(op: Any) -> None:
    """In a domain's migration (*op* is `alembic.op`)."""
    for table in consents_tables(_metadata()):
        table.create(op.get_bind())


def drop_consents_tables(op: Any) -> None:
    """Undo `create_consents_tables`."""
    for table in reversed(consents_tables(_metadata())):
        table.drop(op.get_bind())


def _metadata() -> MetaData:
    # Constraints get the names that the domains' own metadata expects of them.
    return MetaData(naming_convention=Base.metadata.naming_convention)
