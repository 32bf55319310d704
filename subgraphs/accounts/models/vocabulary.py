"""The words that accounts' columns hold."""

from enum import StrEnum
from typing import Literal


class Profile(StrEnum):
    """What a person does here; one may do both."""

    FARMER = "FARMER"
    INVESTOR = "INVESTOR"


class StaffRole(StrEnum):
    """What a person of the platform's staff decides."""

    ANALYST = "ANALYST"
    ADMIN = "ADMIN"


class IdentityStatus(StrEnum):
    """How far a person's identity is proved."""

    NOT_STARTED = "NOT_STARTED"
    PENDING = "PENDING"
    IN_REVIEW = "IN_REVIEW"
    NEW_UPLOAD_REQUESTED = "NEW_UPLOAD_REQUESTED"
    REJECTED = "REJECTED"
    VERIFIED = "VERIFIED"


class CheckStatus(StrEnum):
    """Where one identity check stands."""

    PENDING = "PENDING"
    """The verifier has it."""
    IN_REVIEW = "IN_REVIEW"
    """The verifier was not sure: an analyst decides."""
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    NEW_UPLOAD_REQUESTED = "NEW_UPLOAD_REQUESTED"


OPEN_CHECKS = (CheckStatus.PENDING, CheckStatus.IN_REVIEW)


class Channel(StrEnum):
    """How a message reaches a person."""

    EMAIL = "EMAIL"
    SMS = "SMS"


class SessionEnd(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "SIGNED_OUT"
    IDLE = "IDLE"
    TOO_OLD = "TOO_OLD"
    TOO_MANY = "TOO_MANY"
    REFRESH_TOKEN_REUSED = "REFRESH_TOKEN_REUSED"  # noqa: S105  # a reason, not a token
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  # a reason, not a password
    SUSPENDED = "SUSPENDED"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    NOTHING_LEFT = "NOTHING_LEFT"
    """It was for certain scopes alone, and the person has none of them any more."""
    DISOWNED = "DISOWNED"
    """The person said that something in their account had not been them."""


AlertKind = Literal[
    "REFRESH_TOKEN_REUSED",
    "PASSWORD_CHANGED",
    "PASSWORD_RESET",
    "EMAIL_CHANGE_REQUESTED",
    "EMAIL_CHANGED",
    "TOTP_ENABLED",
    "TOTP_DISABLED",
    "RECOVERY_CODE_USED",
]
"""What happens to an account that its owner should know of, in case it was not them."""
MoneyOutAlertKind = Literal["BANK_ACCOUNT_REGISTERED", "WITHDRAWAL_REQUESTED", "QUOTAS_OFFERED"]
"""The same of what lets money, or quotas, leave a person."""


class EngagementKind(StrEnum):
    """What ties a person to the platform until it is over."""

    CPR = "CPR"
    INVESTMENT = "INVESTMENT"
    WITHDRAWAL = "WITHDRAWAL"


class AuditAction(StrEnum):
    """What is written down about decisions on people."""

    IDENTITY_PASSED = "IDENTITY_PASSED"
    IDENTITY_FAILED = "IDENTITY_FAILED"
    IDENTITY_REFERRED = "IDENTITY_REFERRED"
    IDENTITY_APPROVED = "IDENTITY_APPROVED"
    IDENTITY_REJECTED = "IDENTITY_REJECTED"
    IDENTITY_NEW_UPLOAD_REQUESTED = "IDENTITY_NEW_UPLOAD_REQUESTED"
    UPLOAD_VIEWED = "UPLOAD_VIEWED"
    SUSPENDED = "SUSPENDED"
    REACTIVATED = "REACTIVATED"
