"""When the wallet says no."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from subgraphs.shared.refusal import Refusal


@dataclass
class WalletNotReady(Refusal):
    """The wallet of a person who has just signed up is not open yet; it is a matter of seconds."""

    is_an_answer = False


@dataclass
class InsufficientFunds(Refusal):
    """More is asked for than is available."""

    available_minor: int
    requested_minor: int


@dataclass
class PaymentAmountOutOfRange(Refusal):
    """An amount beside the limits for one operation."""

    minimum_minor: int
    maximum_minor: int


@dataclass
class InstallmentNotOwed(Refusal):
    """No such installment, or not one that the actor owes."""

    installment_id: UUID


@dataclass
class NothingOwed(Refusal):
    """No such CPR, or nothing of it is owed by the actor."""

    cpr_id: UUID


@dataclass
class InstallmentAlreadyPaid(Refusal):
    installment_id: UUID


@dataclass
class HolderNotVerified(Refusal):
    """Money leaves the platform only towards a person whose identity is verified."""


@dataclass
class BankAccountNotYours(Refusal):
    """The bank says that the account belongs to another CPF or CNPJ."""


@dataclass
class BankAccountNotFound(Refusal):
    """No such bank account, or not the actor's."""

    bank_account_id: UUID


@dataclass
class TooManyBankAccounts(Refusal):
    maximum: int


@dataclass
class PaymentGatewayUnavailable(Refusal):
    """The gateway does not answer. Nothing is lost: the same request may be sent again with the same key."""

    is_an_answer = False


@dataclass
class TransferNotFound(Refusal):
    transfer_id: UUID


@dataclass
class TransferNotReversible(Refusal):
    """What moved with the transfer is not undone, and why."""

    obstacle: str
    """A `ReversalObstacle`."""


@dataclass
class OwnMoney(Refusal):
    """Nobody proposes or approves what moves money that is, or may be, their own."""


@dataclass
class ProposalOutdated(Refusal):
    """What would move now is not what the proposal says."""

    proposal_id: UUID


@dataclass
class PaymentNotInSuspense(Refusal):
    """No such payment, or people have decided on it before."""

    payment_id: UUID


@dataclass
class PaymentNotReturnable(Refusal):
    """Of this payment no more can go back to who made it than *left_minor*, which may be nothing."""

    payment_id: UUID
    left_minor: int


@dataclass
class UnclaimedCreditNotOpen(Refusal):
    """No such credit of somebody who has left, or people have decided on it before."""

    unclaimed_credit_id: UUID


class WhyNotToReceive(StrEnum):
    """Why nobody is given money that is found to be theirs."""

    CLOSED = "CLOSED"
    """Their account is closed."""
    NOT_VERIFIED = "NOT_VERIFIED"
    """Who they are is not verified."""


@dataclass
class PersonCannotReceive(Refusal):
    """Staff may not give this person money, as things are."""

    user_id: UUID
    why: WhyNotToReceive


@dataclass
class BankReferenceUsed(Refusal):
    """That payment of the bank's is entered already."""

    bank_reference: str


@dataclass
class CoolingOff(Refusal):
    """Who may act for the person has just changed, so that only small sums leave for a while."""

    until: datetime
    left_minor: int


@dataclass
class NightLimitExceeded(Refusal):
    """More would leave in this night than may."""

    limit_minor: int
    left_minor: int
    until: datetime
