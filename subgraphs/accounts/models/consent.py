"""Texts that people agree to, and that they did."""

import hashlib
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.models.vocabulary import ConsentAct
from subgraphs.shared.named import Named
from subgraphs.shared.vocabulary import ConsentPurpose


class ConsentText(Base):
    """One version of what people agree to, in force from one day until the next version's: a dated rule."""

    __tablename__ = "consent_texts"

    purpose: Mapped[ConsentPurpose] = mapped_column(Named(ConsentPurpose), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """One more than the version before it."""
    valid_from: Mapped[date]
    """A day in Brasília."""
    title: Mapped[str]
    sentences: Mapped[str]
    """What people agree to, in Portuguese."""
    title_english: Mapped[str]
    sentences_english: Mapped[str]
    earlier_good_days: Mapped[int]
    """For how many days from its first one agreement to an earlier version is still good."""

    __table_args__ = (
        UniqueConstraint("purpose", "valid_from"),
        CheckConstraint("earlier_good_days BETWEEN 0 AND 3650", name="earlier_good_days"),
        CheckConstraint("'' NOT IN (title, sentences, title_english, sentences_english)", name="says_something"),
    )

    @property
    def earlier_good_until(self) -> date:
        """The day from which agreement to an earlier version is good no more."""
        return self.valid_from + timedelta(days=self.earlier_good_days)

    @property
    def sha256(self) -> str:
        """Of both titles and texts, Portuguese first, with a line feed between them, in UTF-8; hexadecimal."""
        said = f"{self.title}\n{self.sentences}\n{self.title_english}\n{self.sentences_english}"
        return hashlib.sha256(said.encode()).hexdigest()


class Consent(Base):
    """Somebody agreed to a text, or took that back. The last one of a person and a purpose counts."""

    __tablename__ = "consents"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(Named(ConsentPurpose))
    place: Mapped[int]
    """Among the person's of this purpose: 1, 2, 3, …"""
    act: Mapped[ConsentAct] = mapped_column(Named(ConsentAct))
    version: Mapped[int]
    """The text's."""
    text_sha256: Mapped[str]
    """The text's, as it was read."""
    at: Mapped[datetime]
    actor_id: Mapped[UUID]
    """Who did it: the person, or who represents the company."""
    session_id: Mapped[UUID | None]
    """In which sign-in; None where there was none yet, as in the sign-up's form."""

    __table_args__ = (
        ForeignKeyConstraint(["purpose", "version"], ["consent_texts.purpose", "consent_texts.version"]),
        UniqueConstraint("user_id", "purpose", "place"),
        CheckConstraint("act IN ('GIVEN', 'WITHDRAWN')", name="act_known"),
        CheckConstraint("text_sha256 ~ '^[0-9a-f]{64}$'", name="text_sha256_form"),
        Index("ix_consents_user_id", "user_id", "at", "id"),
        Index("ix_consents_purpose", "purpose", "version"),
    )


class ConsentNotice(Base):
    """Somebody was told of a text that is to be read, so that nobody is told twice."""

    __tablename__ = "consent_notices"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    purpose: Mapped[ConsentPurpose] = mapped_column(Named(ConsentPurpose), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    told_at: Mapped[datetime]

    __table_args__ = (ForeignKeyConstraint(["purpose", "version"], ["consent_texts.purpose", "consent_texts.version"]),)
