"""The words that accounts' columns hold."""

from enum import StrEnum
from typing import Literal


class AccountKind(StrEnum):
    """Whose account it is: a natural person's, known by a CPF, or a legal person's, known by a CNPJ."""

    PERSON = "PERSON"
    """A natural person, known by a CPF."""
    COMPANY = "COMPANY"
    """A company, known by a CNPJ."""
    COOPERATIVE = "COOPERATIVE"
    """A company to us and to the tax on its income, known by a CNPJ; its law is another (Lei 5.764/1971)."""


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
    """Asks for credit, signs CPRs and repays them."""
    INVESTOR = "INVESTOR"
    """Invests in CPRs, and buys and sells quotas."""


class StaffRole(StrEnum):
    """What a person of the platform's staff decides."""

    ANALYST = "ANALYST"
    """Decides identity checks and credit requests."""
    ADMIN = "ADMIN"
    """Runs the platform: people, money that is stuck, parameters."""


class IdentityStatus(StrEnum):
    """How far a person's identity is proved."""

    NOT_STARTED = "NOT_STARTED"
    """Nothing was sent in yet."""
    PENDING = "PENDING"
    """The verifier has it."""
    IN_REVIEW = "IN_REVIEW"
    """An analyst has it."""
    NEW_UPLOAD_REQUESTED = "NEW_UPLOAD_REQUESTED"
    """Other files are wanted: send them with submitIdentityCheck."""
    REJECTED = "REJECTED"
    """It was not proved; another attempt may be sent in."""
    VERIFIED = "VERIFIED"
    """It is proved: credit can be given, and one may invest and withdraw."""


class CheckStatus(StrEnum):
    """Where one identity check stands."""

    PENDING = "PENDING"
    """The verifier has it."""
    IN_REVIEW = "IN_REVIEW"
    """The verifier was not sure: an analyst decides."""
    APPROVED = "APPROVED"
    """The identity is verified."""
    REJECTED = "REJECTED"
    """The identity is not proved; `reason` says why."""
    NEW_UPLOAD_REQUESTED = "NEW_UPLOAD_REQUESTED"
    """Other files are wanted; `reason` says what they should show."""


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
    """Waits for an analyst."""
    CLEARED = "CLEARED"
    """It is somebody else."""
    CONFIRMED = "CONFIRMED"
    """It is them."""


class Channel(StrEnum):
    """How a message reaches a person."""

    EMAIL = "EMAIL"
    """By e-mail."""
    SMS = "SMS"
    """By text message to the mobile phone."""


class SessionEnd(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "SIGNED_OUT"
    """The person signed out, here or from another device."""
    IDLE = "IDLE"
    """It was not refreshed for too long."""
    TOO_OLD = "TOO_OLD"
    """It had lasted as long as a sign-in may."""
    TOO_MANY = "TOO_MANY"
    """Newer sign-ins took its place: it was the one idle longest."""
    REFRESH_TOKEN_REUSED = "REFRESH_TOKEN_REUSED"  # noqa: S105  # a reason, not a token
    """A refresh token came twice: somebody may have copied it."""
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  # a reason, not a password
    """The password was changed or reset on another device."""
    SUSPENDED = "SUSPENDED"
    """The account was suspended."""
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    """The account was closed."""
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


class ConsentAct(StrEnum):
    """What somebody did about a text."""

    GIVEN = "GIVEN"
    """Agreed to the version."""
    WITHDRAWN = "WITHDRAWN"
    """Took back having agreed to it."""


class ConsentStatus(StrEnum):
    """Where somebody stands with what a text asks."""

    NOT_GIVEN = "NOT_GIVEN"
    """Never agreed to."""
    GIVEN = "GIVEN"
    """Agreed to, in the version that is in force or a later one."""
    EARLIER_VERSION = "EARLIER_VERSION"
    """Agreed to in an earlier version, which is still good for some days."""
    LAPSED = "LAPSED"
    """Agreed to in an earlier version, which is good no more: read and agree to the one in force."""
    WITHDRAWN = "WITHDRAWN"
    """Taken back."""


class AuditAction(StrEnum):
    """What is written down about decisions on people."""

    IDENTITY_PASSED = "IDENTITY_PASSED"
    """The verifier found that face and document belong together: verified."""
    IDENTITY_FAILED = "IDENTITY_FAILED"
    """The verifier found that they do not: rejected."""
    IDENTITY_REFERRED = "IDENTITY_REFERRED"
    """The verifier was not sure: an analyst decides."""
    IDENTITY_APPROVED = "IDENTITY_APPROVED"
    """An analyst approved it."""
    IDENTITY_REJECTED = "IDENTITY_REJECTED"
    """An analyst rejected it."""
    IDENTITY_NEW_UPLOAD_REQUESTED = "IDENTITY_NEW_UPLOAD_REQUESTED"
    """An analyst asked for other files."""
    UPLOAD_VIEWED = "UPLOAD_VIEWED"
    """Somebody of the staff opened an uploaded file."""
    SUSPENDED = "SUSPENDED"
    """The person was locked out."""
    REACTIVATED = "REACTIVATED"
    """The person was let in again."""
    COMPANY_REGISTERED = "COMPANY_REGISTERED"
    """A company or cooperative got an account."""
    REPRESENTATIVE_APPOINTED = "REPRESENTATIVE_APPOINTED"
    """Somebody was given powers for a company."""
    REPRESENTATION_ENDED = "REPRESENTATION_ENDED"
    """Somebody's powers for a company were ended."""
    REPRESENTATION_RESTORED = "REPRESENTATION_RESTORED"
    """Somebody said that its end had not been them."""
    SCREENING_HIT = "SCREENING_HIT"
    """An entry of a list of sanctions or of exposed people may be them."""
    SCREENING_CLEARED = "SCREENING_CLEARED"
    """An analyst found that the entry is somebody else."""
    SCREENING_CONFIRMED = "SCREENING_CONFIRMED"
    """An analyst found that the entry is them."""
    ACTED_FOR = "ACTED_FOR"
    """A representative took a token with which to act for a company."""
