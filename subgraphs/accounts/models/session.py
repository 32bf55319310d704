"""Sign-ins and the tokens that carry them on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base


class Session(Base):
    """One sign-in on one device: a family of refresh tokens, each the successor of the last."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    proved_at: Mapped[datetime]
    """When the person last proved to be who they are: signing in, or `confirmIdentity` (RFC 9470)."""
    scope_limit: Mapped[str | None]
    """The scopes granted at sign-in, when certain ones were asked for (RFC 6749, section 3.3)."""

    __table_args__ = (
        Index("ix_sessions_user_id", "user_id", "created_at"),
        Index("ix_sessions_open", "user_id", "last_used_at", postgresql_where=text("ended_at IS NULL")),
    )


class RefreshToken(Base):
    """Good for one refresh. Only its hash is known here."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_refresh_tokens_session_id", "session_id"),)


class SigningKey(Base):
    """
    A key that signs access tokens.

    Which of the keys signs and which are only published follows from the instants, so that no moment needs
    somebody to switch over.
    """

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    """The `kid`: the public key's thumbprint (RFC 7638)."""
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    published_until: Mapped[datetime | None]
    """Set when a successor is made: the last token signed with this key has expired by then."""


class AttemptCounter(Base):
    """How often something was tried in vain, for one account or one address."""

    __tablename__ = "attempt_counters"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Keyed hash of the e-mail or address: counting needs no plain text, nor that the account exists."""
    failures: Mapped[int] = mapped_column(Integer)
    last_tried_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]

    __table_args__ = (Index("ix_attempt_counters_last_tried_at", "last_tried_at"),)
