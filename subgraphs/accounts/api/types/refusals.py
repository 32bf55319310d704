"""Refusals in the graph; `api/errors.py` says which exception becomes which."""

from datetime import datetime

import strawberry

from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.refusals import FreshProofRequired, InvalidInput, Refusal

__all__ = ["FreshProofRequired", "InvalidInput", "Refusal"]


@strawberry.type(description="E-mail and password do not belong together.")
class InvalidCredentials(Refusal):
    pass


@strawberry.type(description="The password is right; send a code of the authenticator app or a recovery code too.")
class SecondFactorRequired(Refusal):
    pass


@strawberry.type(description="The code is wrong, too old, or was used before.")
class InvalidSecondFactor(Refusal):
    pass


@strawberry.type(description="Tried too often; wait.")
class TooManyAttempts(Refusal):
    retry_after_seconds: int


@strawberry.type(
    description="Too many sign-ins failed on devices that the account does not know. Send the unlockCode that was "
    "mailed to its owner, or wait; devices that signed in before send their deviceToken and are not held up."
)
class UnlockRequired(Refusal):
    retry_after_seconds: int


@strawberry.type(description="Confirm the e-mail or the phone first; resendConfirmation sends link and code again.")
class ContactNotConfirmed(Refusal):
    pass


@strawberry.type(description="Staff has suspended the account.")
class AccountSuspended(Refusal):
    pass


@strawberry.type(description="The refresh token is unknown or was used before; sign in again.")
class InvalidRefreshToken(Refusal):
    pass


@strawberry.type(description="There is no such entry of a list.")
class ScreeningHitNotFound(Refusal):
    pass


@strawberry.type(description="An analyst has decided about the entry already.")
class ScreeningHitAlreadyDecided(Refusal):
    decided_at: datetime


@strawberry.type(
    description="Entries of lists may be this person: decide about them first (decideScreeningHit). Who is under "
    "sanctions is not approved."
)
class ScreeningHitsOpen(Refusal):
    pass


@strawberry.type(description="An entry of sanctions may be this person, or is; only clearing it lets them in again.")
class UnderSanctions(Refusal):
    pass


@strawberry.type(description="The session is over; sign in again.")
class SessionEnded(Refusal):
    pass


@strawberry.type(description="One has no such open session.")
class SessionNotFound(Refusal):
    pass


@strawberry.type(description="The link or code is wrong, has expired, or was used before.")
class InvalidConfirmation(Refusal):
    pass


@strawberry.type(description="The reset link is wrong, has expired, or was used before.")
class InvalidResetToken(Refusal):
    pass


@strawberry.type(description="The link of the security alert is wrong, has expired, or was used before.")
class InvalidAlertLink(Refusal):
    pass


@strawberry.type(description="The present password is another.")
class WrongPassword(Refusal):
    pass


@strawberry.type(description="A second factor is in place already.")
class TotpAlreadyEnabled(Refusal):
    pass


@strawberry.type(description="There is no second factor to confirm or to disable.")
class TotpNotEnabled(Refusal):
    pass


@strawberry.type(description="There is no such upload of yours that can still be used.")
class UploadNotFound(Refusal):
    upload_id: strawberry.ID


@strawberry.type(description="The identity is verified already.")
class IdentityAlreadyVerified(Refusal):
    pass


@strawberry.type(description="An earlier identity check waits for its result.")
class IdentityCheckInProgress(Refusal):
    submitted_at: datetime


@strawberry.type(description="There is no such identity check.")
class IdentityCheckNotFound(Refusal):
    pass


@strawberry.type(description="The identity check has been decided already.")
class IdentityCheckAlreadyDecided(Refusal):
    decided_at: datetime


@strawberry.type(description="Nobody decides about themselves.")
class OwnIdentityCheck(Refusal):
    pass


@strawberry.type(
    description="CPRs, investments or withdrawals are open, or there is money in the wallet; settle and withdraw first."
)
class AccountHasOpenBusiness(Refusal):
    open_cprs: int
    open_investments: int
    open_withdrawals: int
    wallet_balance: Money = strawberry.field(description="What can be withdrawn.")


@strawberry.type(description="There is no such person, or no longer.")
class UserNotFound(Refusal):
    pass


@strawberry.type(description="Nobody suspends themselves, nor lifts their own suspension.")
class OwnAccount(Refusal):
    pass


@strawberry.type(description="Prove your own identity first: submitIdentityCheck.")
class IdentityNotVerified(Refusal):
    pass


@strawberry.type(
    description="Somebody else registered this CNPJ; whoever administers that account can appoint you. If it is not "
    "theirs, it is given back when they cannot prove it."
)
class CompanyAlreadyRegistered(Refusal):
    pass


@strawberry.type(description="You do not represent this company, or not today, or not for this.")
class RepresentationNotFound(Refusal):
    pass


@strawberry.type(
    description="No person with a verified identity has this id, or they are of the platform's staff, who act for "
    "nobody else here."
)
class RepresentativeNotEligible(Refusal):
    pass


@strawberry.type(description="The person represents the company already; end that first to give other powers.")
class RepresentativeAlreadyAppointed(Refusal):
    pass


@strawberry.type(
    description="A company needs one representative who administers it without an end: appoint another first, or close "
    "the company's account."
)
class LastAdministrator(Refusal):
    pass


@strawberry.type(description="The message broker does not answer; send the same request again.")
class BrokerUnavailable(Refusal):
    pass
