"""The registered person, natural or legal, and what proves that it is them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.models.vocabulary import AccountKind, IdentityStatus
from subgraphs.shared.named import Named
from subgraphs.shared.person_kind import PersonKind


class User(Base):
    """
    A person. After the account is closed only the id, the dates and a neutral display name remain.

    A company is one too, for all that people own and owe here. It has no e-mail, phone, birth date or password, so it
    signs in by nobody but its representatives (`Representation`).
    """

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default=AccountKind.PERSON, server_default=AccountKind.PERSON)
    display_name: Mapped[str]
    """Any signed-in person may see it."""
    full_name: Mapped[str | None]
    """Of a company its legal name (*razão social*)."""
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(unique=True)
    """The e-mail as it is compared: in lower case."""
    email_confirmed_at: Mapped[datetime | None]
    phone: Mapped[str | None]
    """E.164."""
    phone_confirmed_at: Mapped[datetime | None]
    birth_date: Mapped[date | None] = mapped_column(Date)
    cpf_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """Keyed hash: finds the same CPF again without holding it."""
    cpf_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    cnpj_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """The same of a company's CNPJ."""
    cnpj_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    profiles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    staff_roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    identity_status: Mapped[IdentityStatus] = mapped_column(Named(IdentityStatus), default=IdentityStatus.NOT_STARTED)
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_users_created_at", "created_at", "id"),)

    @property
    def is_company(self) -> bool:
        """Whether it is a legal person, who acts by representatives."""
        return self.kind != AccountKind.PERSON

    @property
    def person(self) -> PersonKind:
        """What the law sees in them."""
        return PersonKind.LEGAL if self.is_company else PersonKind.NATURAL

    @property
    def is_confirmed(self) -> bool:
        """Whether one of the two contacts has been confirmed, which is enough to sign in."""
        return self.email_confirmed_at is not None or self.phone_confirmed_at is not None


class SecondFactor(Base):
    """A TOTP secret (RFC 6238). It counts once the person has proved that their app has it."""

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The time step of the last accepted code: no code up to it is accepted again."""


class RecoveryCode(Base):
    """Lets its holder in once without the TOTP app."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]


class Confirmation(Base):
    """An e-mail link or a phone code on its way to the person whose contact it confirms."""

    __tablename__ = "confirmations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    channel: Mapped[str]
    contact: Mapped[str]
    """What is confirmed: the link to an old address must not confirm a new one."""
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (
        Index("ix_confirmations_secret_hash", "secret_hash"),
        Index("ix_confirmations_user_id", "user_id"),
    )


class PasswordReset(Base):
    """A link that lets its holder choose a new password, once, for an hour."""

    __tablename__ = "password_resets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_password_resets_user_id", "user_id"),)
