"""The wallet's refusals as members of its mutations' unions."""

from datetime import datetime

import strawberry

from subgraphs.shared import refusal
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.refusals import Refusal
from subgraphs.wallet.domain import refusals
from subgraphs.wallet.domain.reversals import ReversalObstacle


@strawberry.type(description="The wallet of a new person is not open yet; it is a matter of seconds.")
class WalletNotReady(Refusal):
    pass


@strawberry.type(description="More is asked for than is available.")
class InsufficientFunds(Refusal):
    available: Money
    requested: Money


@strawberry.type(description="The amount is beside the limits for one operation.")
class PaymentAmountOutOfRange(Refusal):
    minimum: Money
    maximum: Money


@strawberry.type(description="There is no such installment that the asker owes.")
class InstallmentNotOwed(Refusal):
    installment_id: strawberry.ID


@strawberry.type(description="There is no such CPR, or nothing of it that the asker owes.")
class NothingOwed(Refusal):
    cpr_id: strawberry.ID


@strawberry.type(description="The installment is paid; nothing more is owed for it.")
class InstallmentAlreadyPaid(Refusal):
    installment_id: strawberry.ID


@strawberry.type(description="Money leaves the platform only towards a person whose identity is verified.")
class HolderNotVerified(Refusal):
    pass


@strawberry.type(description="The bank account does not exist, or belongs to another CPF or CNPJ.")
class BankAccountNotYours(Refusal):
    pass


@strawberry.type(description="There is no such bank account of the asker's.")
class BankAccountNotFound(Refusal):
    bank_account_id: strawberry.ID


@strawberry.type(description="A person may have only so many bank accounts at a time.")
class TooManyBankAccounts(Refusal):
    maximum: int


@strawberry.type(description="The payment gateway does not answer. Send the same request again, with the same key.")
class PaymentGatewayUnavailable(Refusal):
    pass


@strawberry.type(description="There is no such transfer.")
class TransferNotFound(Refusal):
    transfer_id: strawberry.ID


@strawberry.type(description="What moved with the transfer is not undone.")
class TransferNotReversible(Refusal):
    obstacle: ReversalObstacle


@strawberry.type(description="Nobody proposes or approves what moves money that is, or may be, their own.")
class OwnMoney(Refusal):
    pass


@strawberry.type(description="What would move now is not what the proposal says: reject it, and propose anew.")
class ProposalOutdated(Refusal):
    proposal_id: strawberry.ID


@strawberry.type(description="There is no such payment in suspense.")
class PaymentNotInSuspense(Refusal):
    payment_id: strawberry.ID


@strawberry.type(description="Not so much of this payment can go back to who made it.")
class PaymentNotReturnable(Refusal):
    payment_id: strawberry.ID
    left: Money = strawberry.field(description="What of it is where it went, and can go back.")


@strawberry.type(description="There is no such credit of somebody who has left that waits for a decision.")
class UnclaimedCreditNotOpen(Refusal):
    unclaimed_credit_id: strawberry.ID


strawberry.enum(refusals.WhyNotToReceive, description="Why somebody is not given money that is found to be theirs.")


@strawberry.type(description="Nobody is given money whose account is closed; what they had left, once it is verified.")
class PersonCannotReceive(Refusal):
    user_id: strawberry.ID
    why: refusals.WhyNotToReceive


@strawberry.type(description="The bank's payment of this reference is entered already.")
class BankReferenceUsed(Refusal):
    bank_reference: str


@strawberry.type(
    description="After a new bank account, a reset password or a pause of one's own, only small sums leave for a while."
)
class CoolingOff(Refusal):
    until: datetime
    left: Money = strawberry.field(description="What may still leave until then.")


@strawberry.type(description="More would leave in this night than may.")
class NightLimitExceeded(Refusal):
    limit: Money
    left: Money = strawberry.field(description="What may still leave in this night.")
    until: datetime


REFUSAL_TYPES: dict[type[refusal.Refusal], type[Refusal]] = {
    refusals.WalletNotReady: WalletNotReady,
    refusals.InsufficientFunds: InsufficientFunds,
    refusals.PaymentAmountOutOfRange: PaymentAmountOutOfRange,
    refusals.InstallmentNotOwed: InstallmentNotOwed,
    refusals.NothingOwed: NothingOwed,
    refusals.InstallmentAlreadyPaid: InstallmentAlreadyPaid,
    refusals.HolderNotVerified: HolderNotVerified,
    refusals.BankAccountNotYours: BankAccountNotYours,
    refusals.BankAccountNotFound: BankAccountNotFound,
    refusals.TooManyBankAccounts: TooManyBankAccounts,
    refusals.PaymentGatewayUnavailable: PaymentGatewayUnavailable,
    refusals.TransferNotFound: TransferNotFound,
    refusals.TransferNotReversible: TransferNotReversible,
    refusals.OwnMoney: OwnMoney,
    refusals.ProposalOutdated: ProposalOutdated,
    refusals.PaymentNotInSuspense: PaymentNotInSuspense,
    refusals.PaymentNotReturnable: PaymentNotReturnable,
    refusals.UnclaimedCreditNotOpen: UnclaimedCreditNotOpen,
    refusals.PersonCannotReceive: PersonCannotReceive,
    refusals.BankReferenceUsed: BankReferenceUsed,
    refusals.CoolingOff: CoolingOff,
    refusals.NightLimitExceeded: NightLimitExceeded,
}
