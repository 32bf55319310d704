"""The facts that the wallet publishes."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.money import AMOUNT_MINOR_MAX
from subgraphs.shared.person_kind import PersonKind

Minor = Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX, strict=True)]
"""An amount in cents."""
PositiveMinor = Annotated[int, Field(gt=0, le=AMOUNT_MINOR_MAX, strict=True)]


class DepositConfirmed(EventPayload, type="wallet.deposit_confirmed.v1", subject="deposit_id"):
    """A person's deposit has arrived and can be used."""

    deposit_id: UUID
    user_id: UUID
    amount_minor: PositiveMinor


class SurplusCredited(EventPayload, type="wallet.surplus_credited.v1", subject="payment_id"):
    """Money that could no longer pay what it was meant for, or was more than that came to, is in the payer's wallet."""

    payment_id: UUID
    charge_id: UUID
    user_id: UUID
    amount_minor: PositiveMinor
    reason: Literal["PAID_BEFORE", "MORE_THAN_PAID"]


class HoldPlaced(EventPayload, type="wallet.hold_placed.v1", subject="reference_id"):
    """Money is set aside for *reference_id*."""

    hold_id: UUID
    purpose: str
    reference_id: UUID
    user_id: UUID
    amount_minor: PositiveMinor


class HoldRefused(EventPayload, type="wallet.hold_refused.v1", subject="reference_id"):
    """Money cannot be set aside for *reference_id*; that is decided for good."""

    reference_id: UUID
    purpose: str
    user_id: UUID
    amount_minor: PositiveMinor
    available_minor: Minor
    reason: Literal["INSUFFICIENT_FUNDS", "OFFERING_CLOSED"]


class HoldReleased(EventPayload, type="wallet.hold_released.v1", subject="reference_id"):
    """Money that was set aside is free again: its purpose fell away, or its time ran out."""

    hold_id: UUID
    reference_id: UUID
    user_id: UUID
    amount_minor: PositiveMinor
    expired: bool = False


class CPRDisbursed(EventPayload, type="wallet.cpr_disbursed.v1", subject="cpr_id"):
    """The investors' money has reached the farmer, less fee and tax."""

    cpr_id: UUID
    offering_id: UUID
    farmer_id: UUID
    principal_minor: PositiveMinor
    origination_fee_minor: Minor
    iof_minor: Minor
    net_minor: PositiveMinor
    disbursed_at: datetime


class PaymentConfirmed(EventPayload, type="wallet.payment_confirmed.v1", subject="installment_id"):
    """
    An installment has been paid, or a part of it. Who listens is not the wallet's business.

    What went to being late (*late_minor*) is not the installment's. The rest settles the installment, its interest
    before its principal; *settled_before_minor* says what earlier payments had. So whoever divides a payment needs no
    other, and none has to come first.
    """

    payment_id: UUID
    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    amount_minor: PositiveMinor
    method: Literal["PIX", "BOLETO", "WALLET"]
    confirmed_at: datetime
    paid_at: datetime
    """When the payer paid, which may have been before we were told; lateness goes by it."""
    swaps_before: int
    """How many swaps of the CPR's quotas came before it, which says who held them."""
    number: int
    """Which payment of the installment it is, from 1."""
    settled_before_minor: Minor
    """What the payments before it had settled of the installment's amount."""
    late_days: int
    """Of the installment being late, those that are charged for by now."""
    late_minor: Minor
    """What of this payment went to fine and interest for being late."""
    late_left_minor: Minor
    """What of them it left unpaid."""
    reduction_minor: Minor
    """What was taken off the installment's interest for paying early, which the payment settles as well."""


SwapRefusal = Literal[
    "INSUFFICIENT_FUNDS",
    "QUOTAS_SOLD",
    "INSTALLMENT_PAID_MEANWHILE",
    "CPR_SETTLED",
    "PERSON_NOT_ACTIVE",
    "MONEY_OUT_PAUSED",
    "SELLER_UNAVAILABLE",
    "TIMED_OUT",
]
"""Of the seller the buyer learns no more than that they cannot sell; the two before it speak of the buyer alone."""


class QuotasSwapped(EventPayload, type="wallet.quotas_swapped.v1", subject="purchase_id"):
    """Quotas and their price have changed hands. The position that the buyer has now has the purchase's id."""

    purchase_id: UUID
    number: int
    """Its place among the swaps of the CPR, from 1, without gaps."""
    cpr_id: UUID
    investment_id: UUID
    """The investment by which the quotas came into being."""
    seller_position_id: UUID
    seller_id: UUID
    buyer_id: UUID
    buyer_person: PersonKind = PersonKind.NATURAL
    """What the tax law sees in the buyer."""
    quota_count: int
    price_minor: PositiveMinor
    cost_minor: Minor
    """What the seller had paid for them, less what was paid back since."""
    fee_minor: Minor
    tax_minor: Minor
    net_minor: PositiveMinor
    """What the seller got: the price less fee and tax."""
    swapped_at: datetime


class QuotaSwapRefused(EventPayload, type="wallet.quota_swap_refused.v1", subject="purchase_id"):
    """Neither quotas nor money have changed hands, and for this purchase they never will."""

    purchase_id: UUID
    seller_id: UUID
    buyer_id: UUID
    reason: SwapRefusal


class ScheduleReplaced(EventPayload, type="wallet.schedule_replaced.v1", subject="cpr_id"):
    """An agreed schedule has taken the old one's place: from now on its installments are what is paid."""

    renegotiation_id: UUID
    cpr_id: UUID
    replaced_at: datetime


WhyScheduleKept = Literal["PAID_MEANWHILE", "TIMED_OUT"]


class ScheduleKept(EventPayload, type="wallet.schedule_kept.v1", subject="cpr_id"):
    """An agreed schedule was not taken up, and never will be."""

    renegotiation_id: UUID
    cpr_id: UUID
    reason: WhyScheduleKept


class PayoutCredited(EventPayload, type="wallet.payout_credited.v1", subject="payout_id"):
    """An investor's part of an installment is in their wallet."""

    payout_id: UUID
    distribution_id: UUID
    user_id: UUID
    cpr_id: UUID
    installment_id: UUID
    investment_id: UUID
    amount_minor: Minor


class WithdrawalRequested(EventPayload, type="wallet.withdrawal_requested.v1", subject="withdrawal_id"):
    """A person wants money at their bank; it is out of the available balance."""

    withdrawal_id: UUID
    user_id: UUID
    amount_minor: PositiveMinor


class WithdrawalSettled(EventPayload, type="wallet.withdrawal_settled.v1", subject="withdrawal_id"):
    """The money is at the person's bank."""

    withdrawal_id: UUID
    user_id: UUID
    amount_minor: PositiveMinor


class WithdrawalReturned(EventPayload, type="wallet.withdrawal_returned.v1", subject="withdrawal_id"):
    """The money is in the wallet again."""

    withdrawal_id: UUID
    user_id: UUID
    amount_minor: PositiveMinor
    reason: str


class _OfReturn(EventPayload):
    """A payment, or a part of it, that goes back to who made it."""

    return_id: UUID
    payment_id: UUID
    user_id: UUID | None
    """Who had asked for the payment or has it in their wallet, where that is known."""
    amount_minor: PositiveMinor
    reason: Literal["ANOTHER_PAYER", "PAID_TWICE", "DECIDED"]
    source: Literal["SUSPENSE", "WALLET"]
    """Where it was."""


class PaymentReturnRequested(_OfReturn, type="wallet.payment_return_requested.v1", subject="return_id"):
    """A payment is on its way back."""


class PaymentReturned(_OfReturn, type="wallet.payment_returned.v1", subject="return_id"):
    """Its payer has it."""


class PaymentReturnFailed(_OfReturn, type="wallet.payment_return_failed.v1", subject="return_id"):
    """It did not reach its payer, and is where it was."""


class MoneyClaimOpened(EventPayload, type="wallet.money_claim_opened.v1", subject="claim_id"):
    """A payer's bank wants a payment back, or a part of it; what is there is blocked."""

    claim_id: UUID
    payment_id: UUID
    user_id: UUID | None
    """Who had got the payment, or whom it paid for; nobody while it is in suspense."""
    amount_minor: PositiveMinor
    blocked_minor: Minor


class MoneyClaimEnded(EventPayload, type="wallet.money_claim_ended.v1", subject="claim_id"):
    """It has the money, or does not get it."""

    claim_id: UUID
    payment_id: UUID
    user_id: UUID | None
    outcome: Literal["PAID", "REJECTED"]
    taken_minor: Minor
    released_minor: Minor
    """What was blocked and is free again."""
    debt_minor: Minor
    """What the person owes because of it."""


class ChargeCancelled(EventPayload, type="wallet.charge_cancelled.v1", subject="charge_id"):
    """A charge should not be paid any more: another one replaced it, or its installment is paid."""

    charge_id: UUID
    txid: str


class BankAccountRegistered(EventPayload, type="wallet.bank_account_registered.v1", subject="bank_account_id"):
    """Withdrawals may go to a new bank account of the person's."""

    bank_account_id: UUID
    user_id: UUID


class AnswerAwaited(EventPayload, type="wallet.answer_awaited.v1", subject="subject_id"):
    """Staff set going again what waits: who has answered says the answer again."""

    what: str
    subject_id: UUID


PUBLISHED: tuple[type[EventPayload], ...] = (
    BankAccountRegistered,
    DepositConfirmed,
    SurplusCredited,
    HoldPlaced,
    HoldRefused,
    HoldReleased,
    CPRDisbursed,
    PaymentConfirmed,
    ScheduleReplaced,
    ScheduleKept,
    PayoutCredited,
    QuotasSwapped,
    QuotaSwapRefused,
    WithdrawalRequested,
    WithdrawalSettled,
    WithdrawalReturned,
    PaymentReturnRequested,
    PaymentReturned,
    PaymentReturnFailed,
    MoneyClaimOpened,
    MoneyClaimEnded,
    ChargeCancelled,
    AnswerAwaited,
)
