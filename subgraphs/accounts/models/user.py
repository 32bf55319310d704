"""The registered person and what proves that it is them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Date, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.models.vocabulary import IdentityStatus


class User(Base):
    """A person. After the account is closed only the id, the dates and a neutral display name remain."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    """Any signed-in person may see it."""
    full_name: Mapped[str | None]
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
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    profiles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    staff_roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    identity_status: Mapped[str] = mapped_column(default=IdentityStatus.NOT_STARTED)
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_users_created_at", "created_at", "id"),)

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
