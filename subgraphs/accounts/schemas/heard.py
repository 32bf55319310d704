"""What accounts reads of other domains' facts: only the fields that it needs."""

from uuid import UUID

from subgraphs.shared.messaging.event import EventPayload


class CPRDrafted(EventPayload, type="contracts.cpr_drafted.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRSettled(EventPayload, type="contracts.cpr_settled.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRCancelled(EventPayload, type="contracts.cpr_cancelled.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class InvestmentRequested(EventPayload, type="marketplace.investment_requested.v1", subject="investment_id"):
    investment_id: UUID
    investor_id: UUID


class InvestmentConfirmed(EventPayload, type="marketplace.investment_confirmed.v1", subject="investment_id"):
    investment_id: UUID
    investor_id: UUID


class InvestmentRefused(EventPayload, type="marketplace.investment_refused.v1", subject="investment_id"):
    investment_id: UUID
    investor_id: UUID


class InvestmentCancelled(EventPayload, type="marketplace.investment_cancelled.v1", subject="investment_id"):
    investment_id: UUID
    investor_id: UUID


class InvestmentClosed(EventPayload, type="marketplace.investment_closed.v1", subject="investment_id"):
    investment_id: UUID
    investor_id: UUID


class QuotasWanted(EventPayload, type="marketplace.quotas_wanted.v1", subject="purchase_id"):
    purchase_id: UUID
    buyer_id: UUID


class QuotaPurchaseRefused(EventPayload, type="marketplace.quota_purchase_refused.v1", subject="purchase_id"):
    purchase_id: UUID
    buyer_id: UUID


class QuotasBought(EventPayload, type="marketplace.quotas_bought.v1", subject="purchase_id"):
    purchase_id: UUID
    buyer_id: UUID


class QuotaPositionClosed(EventPayload, type="marketplace.quota_position_closed.v1", subject="position_id"):
    position_id: UUID
    investor_id: UUID


class QuotasSwapped(EventPayload, type="wallet.quotas_swapped.v1", subject="purchase_id"):
    seller_id: UUID
    buyer_id: UUID
    purchase_id: UUID
    price_minor: int
    net_minor: int


class DepositConfirmed(EventPayload, type="wallet.deposit_confirmed.v1", subject="deposit_id"):
    deposit_id: UUID
    user_id: UUID
    amount_minor: int


class SurplusCredited(EventPayload, type="wallet.surplus_credited.v1", subject="payment_id"):
    payment_id: UUID
    user_id: UUID
    amount_minor: int


class HoldPlaced(EventPayload, type="wallet.hold_placed.v1", subject="reference_id"):
    reference_id: UUID
    user_id: UUID
    amount_minor: int


class HoldReleased(EventPayload, type="wallet.hold_released.v1", subject="reference_id"):
    reference_id: UUID
    user_id: UUID
    amount_minor: int


class CPRDisbursed(EventPayload, type="wallet.cpr_disbursed.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID
    net_minor: int


class PaymentConfirmed(EventPayload, type="wallet.payment_confirmed.v1", subject="installment_id"):
    installment_id: UUID
    farmer_id: UUID
    amount_minor: int
    method: str


class PayoutCredited(EventPayload, type="wallet.payout_credited.v1", subject="payout_id"):
    payout_id: UUID
    user_id: UUID
    amount_minor: int


class WithdrawalRequested(EventPayload, type="wallet.withdrawal_requested.v1", subject="withdrawal_id"):
    withdrawal_id: UUID
    user_id: UUID
    amount_minor: int


class QuotasOffered(EventPayload, type="marketplace.quotas_offered.v1", subject="offer_id"):
    offer_id: UUID
    seller_id: UUID
    price_minor: int


class BankAccountRegistered(EventPayload, type="wallet.bank_account_registered.v1", subject="bank_account_id"):
    bank_account_id: UUID
    user_id: UUID


class WithdrawalSettled(EventPayload, type="wallet.withdrawal_settled.v1", subject="withdrawal_id"):
    withdrawal_id: UUID
    user_id: UUID


class WithdrawalReturned(EventPayload, type="wallet.withdrawal_returned.v1", subject="withdrawal_id"):
    withdrawal_id: UUID
    user_id: UUID
    amount_minor: int
