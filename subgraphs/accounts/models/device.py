"""Devices that have signed in, and codes that let a new one in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.accounts.models.orm import Base


class KnownDevice(Base):
    """
    A device that has signed in to an account.

    Its token does not sign anybody in: it only has the device's failures counted apart from strangers'.
    """

    __tablename__ = "known_devices"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]

    __table_args__ = (Index("ix_known_devices_user_id", "user_id"),)


class SignInUnlock(Base):
    """The code, on its way to an account's owner, with which an unknown device may sign in although many failed."""

    __tablename__ = "sign_in_unlocks"

    account_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Keyed hash of the e-mail: there is a row also where nobody has it, and then the code reaches nobody."""
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
