"""What accounts refuses, as exceptions; `api/errors.py` names their types in the graph."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.refusal import Refusal


@dataclass
class InvalidCredentials(Refusal):
    """E-mail and password do not belong together; which of the two is wrong is nobody's business."""


@dataclass
class SecondFactorRequired(Refusal):
    """The password is right; a code of the authenticator app, or a recovery code, is needed besides."""


@dataclass
class InvalidSecondFactor(Refusal):
    """The code is wrong, too old, or was used before."""


@dataclass
class TooManyAttempts(Refusal):
    """Tried too often in vain."""

    retry_after_seconds: int


@dataclass
class UnlockRequired(Refusal):
    """
    Too many failed on devices that never signed in to the account: this one needs the code mailed to the owner.

    Said whether or not anybody has the e-mail, and without a look at the password.
    """

    retry_after_seconds: int
    """From then on it goes without the code, if nobody fails meanwhile."""


@dataclass
class ContactNotConfirmed(Refusal):
    """Neither e-mail nor phone has been confirmed yet."""


@dataclass
class AccountSuspended(Refusal):
    """The platform's staff has suspended the account."""


@dataclass
class InvalidRefreshToken(Refusal):
    """The refresh token is unknown, or was used before; if it was, its whole session has been ended."""


@dataclass
class SessionEnded(Refusal):
    """The session is over: idle too long, too old, signed out, or ended by a change of password."""


@dataclass
class ScopeNotGranted(Refusal):
    """Nothing that is asked for is the person's, or more than the session has. Only the token endpoint is asked so."""


@dataclass
class SessionNotFound(Refusal):
    """The person has no such open session."""


@dataclass
class InvalidConfirmation(Refusal):
    """The link or code is wrong, has expired, or was used before."""


@dataclass
class InvalidResetToken(Refusal):
    """The reset link is wrong, has expired, or was used before."""


@dataclass
class InvalidAlertLink(Refusal):
    """The link of a security alert is wrong, has expired, or was used before; which of them is not said."""


@dataclass
class WrongPassword(Refusal):
    """The present password, asked for again before something grave, is not this one."""


@dataclass
class TotpAlreadyEnabled(Refusal):
    """A second factor is in place; disable it first."""


@dataclass
class TotpNotEnabled(Refusal):
    """There is no second factor, or none that waits for its confirmation."""


@dataclass
class UploadNotFound(Refusal):
    """There is no such upload of this person that can still be used."""

    upload_id: UUID


@dataclass
class IdentityAlreadyVerified(Refusal):
    """There is nothing left to prove."""


@dataclass
class IdentityCheckInProgress(Refusal):
    """An earlier identity check waits for its result."""

    submitted_at: datetime


@dataclass
class IdentityCheckNotFound(Refusal):
    """There is no such identity check."""


@dataclass
class IdentityCheckAlreadyDecided(Refusal):
    """Somebody, or the verifier, has decided it already."""

    decided_at: datetime


@dataclass
class OwnIdentityCheck(Refusal):
    """Nobody decides about themselves."""


@dataclass
class AccountHasOpenBusiness(Refusal):
    """CPRs, investments or withdrawals are open, or there is money in the wallet."""

    open_cprs: int
    open_investments: int
    open_withdrawals: int
    wallet_balance_minor: int


@dataclass
class UserNotFound(Refusal):
    """There is no such person, or no longer."""


@dataclass
class OwnAccount(Refusal):
    """Nobody suspends themselves, nor lifts their own suspension."""


@dataclass
class ScreeningHitNotFound(Refusal):
    """There is no such entry of a list."""


@dataclass
class ScreeningHitAlreadyDecided(Refusal):
    """An analyst has decided about the entry already."""

    decided_at: datetime


@dataclass
class ScreeningHitsOpen(Refusal):
    """Entries of lists may be this person, and wait for a decision; or one of sanctions is them."""


@dataclass
class UnderSanctions(Refusal):
    """An entry of sanctions may be this person, or is: it is cleared first."""


@dataclass
class IdentityNotVerified(Refusal):
    """Whoever acts for a company has proved who they are."""


@dataclass
class CompanyAlreadyRegistered(Refusal):
    """There is an account with this CNPJ, which somebody else registered; its representatives appoint others."""


@dataclass
class RepresentationNotFound(Refusal):
    """The person does not represent this company, or not today, or it is no longer there."""


@dataclass
class RepresentativeNotEligible(Refusal):
    """No person with a verified identity has this id, or one of the platform's staff, who act for nobody else here."""


@dataclass
class RepresentativeAlreadyAppointed(Refusal):
    """The person represents the company already; other powers are given once these are ended."""


@dataclass
class LastAdministrator(Refusal):
    """A company needs one representative who administers it without an end; appoint another first, or close it."""


@dataclass
class BrokerUnavailable(Refusal):
    """The message broker does not answer. What was asked for may be asked for again."""
