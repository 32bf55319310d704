"""The words that accounts' columns hold."""

from enum import StrEnum
from typing import Literal


class AccountKind(StrEnum):
    """Whose account it is: a natural person's, known by a CPF, or a legal person's, known by a CNPJ."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"
    COOPERATIVE = "COOPERATIVE"
    """A company to us and to the tax on its income; its law is another (Lei 5.764/1971)."""


class Power(StrEnum):
    """What somebody may do for a company that they represent."""

    ADMINISTER = "ADMINISTER"
    """Everything that is the company's own: its wallet and bank accounts, its documents, who represents it."""
    BORROW = "BORROW"
    """Ask for credit, sign CPRs, pay installments."""
    INVEST = "INVEST"
    """Invest, hold and sell quotas."""


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


class ScreeningList(StrEnum):
    """What a list is of."""

    SANCTIONS = "SANCTIONS"
    """Of the United Nations' Security Council and of countries: no business with them."""
    PEP = "PEP"
    """Politically exposed people: business after somebody has looked."""


class HitStatus(StrEnum):
    """What an analyst has found of an entry that may be somebody."""

    OPEN = "OPEN"
    CLEARED = "CLEARED"
    CONFIRMED = "CONFIRMED"


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
    REPRESENTATION_ENDED = "REPRESENTATION_ENDED"
    """The person represents a company no more, for which they may have been acting."""
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
    "REPRESENTATIVES_CHANGED",
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
    COMPANY_REGISTERED = "COMPANY_REGISTERED"
    REPRESENTATIVE_APPOINTED = "REPRESENTATIVE_APPOINTED"
    REPRESENTATION_ENDED = "REPRESENTATION_ENDED"
    REPRESENTATION_RESTORED = "REPRESENTATION_RESTORED"
    """Somebody said that its end had not been them."""
    SCREENING_HIT = "SCREENING_HIT"
    """An entry of a list of sanctions or of exposed people may be them."""
    SCREENING_CLEARED = "SCREENING_CLEARED"
    SCREENING_CONFIRMED = "SCREENING_CONFIRMED"
    ACTED_FOR = "ACTED_FOR"
    """A representative took a token with which to act for a company."""
