"""The facts of other domains that people are told about. Only the fields read here are declared."""

from datetime import date, datetime
from uuid import UUID

from subgraphs.shared.messaging.event import EventPayload


class UserRegistered(EventPayload, type="accounts.user_registered.v2", subject="user_id"):
    user_id: UUID


class UserRegisteredV1(UserRegistered, type="accounts.user_registered.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling names."""


class IdentityVerified(EventPayload, type="accounts.identity_verified.v2", subject="user_id"):
    user_id: UUID


class IdentityVerifiedV1(IdentityVerified, type="accounts.identity_verified.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling names."""


class IdentityRejected(EventPayload, type="accounts.identity_rejected.v2", subject="user_id"):
    user_id: UUID
    identity_check_id: UUID


class IdentityRejectedV1(EventPayload, type="accounts.identity_rejected.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling why."""

    user_id: UUID


class IdentityUploadRequested(EventPayload, type="accounts.identity_upload_requested.v2", subject="user_id"):
    user_id: UUID
    identity_check_id: UUID


class IdentityUploadRequestedV1(EventPayload, type="accounts.identity_upload_requested.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling why."""

    user_id: UUID


DISOWNED = "CHANGE_DISOWNED"
"""The alert by which a person says that it was not them."""


class SecurityAlert(EventPayload, type="accounts.security_alert.v1", subject="user_id"):
    user_id: UUID
    kind: str


class ConsentAsked(EventPayload, type="accounts.consent_asked.v1", subject="user_id"):
    user_id: UUID
    purpose: str
    valid_from: date
    earlier_good_until: date


class AccountClosed(EventPayload, type="accounts.account_closed.v1", subject="user_id"):
    user_id: UUID


class IdentityCheckSubmitted(EventPayload, type="accounts.identity_check_submitted.v1", subject="identity_check_id"):
    identity_check_id: UUID
    user_id: UUID


class UserSuspended(EventPayload, type="accounts.user_suspended.v1", subject="user_id"):
    user_id: UUID


class UserReactivated(EventPayload, type="accounts.user_reactivated.v1", subject="user_id"):
    user_id: UUID


class RequestSubmitted(EventPayload, type="credit.request_submitted.v1", subject="credit_request_id"):
    credit_request_id: UUID
    farmer_id: UUID
    amount_minor: int


class RequestScored(EventPayload, type="credit.request_scored.v1", subject="credit_request_id"):
    credit_request_id: UUID
    farmer_id: UUID
    score_id: UUID
    score: int
    grade: str


class RequestApproved(EventPayload, type="credit.request_approved.v1", subject="credit_request_id"):
    credit_request_id: UUID
    farmer_id: UUID
    amount_minor: int


class RequestRejected(EventPayload, type="credit.request_rejected.v2", subject="credit_request_id"):
    credit_request_id: UUID
    farmer_id: UUID


class RequestRejectedV1(RequestRejected, type="credit.request_rejected.v1", subject="credit_request_id"):
    """One that was on its way when credit stopped telling why."""


class CPRSigned(EventPayload, type="contracts.cpr_signed.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRCancelled(EventPayload, type="contracts.cpr_cancelled.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class InstallmentDueSoon(EventPayload, type="contracts.installment_due_soon.v1", subject="installment_id"):
    installment_id: UUID
    farmer_id: UUID
    number: int
    due_on: date
    amount_minor: int


class InstallmentPaid(EventPayload, type="contracts.installment_paid.v1", subject="installment_id"):
    installment_id: UUID
    farmer_id: UUID
    number: int
    payment_id: UUID
    amount_minor: int


class InstallmentPartlyPaid(EventPayload, type="contracts.installment_partly_paid.v1", subject="installment_id"):
    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    number: int
    payment_id: UUID
    amount_minor: int
    outstanding_minor: int


class InstallmentLate(EventPayload, type="contracts.installment_late.v1", subject="installment_id"):
    installment_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    number: int
    due_on: date


class CPRDefaulted(EventPayload, type="contracts.cpr_defaulted.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRRecovered(EventPayload, type="contracts.cpr_recovered.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRSettled(EventPayload, type="contracts.cpr_settled.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class RenegotiationProposed(EventPayload, type="contracts.renegotiation_proposed.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    answer_until: datetime


class RenegotiationVoteOpened(EventPayload, type="contracts.renegotiation_vote_opened.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    consent_until: datetime


class RenegotiationEnded(EventPayload, type="contracts.renegotiation_ended.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    reason: str
    was_voted_on: bool


class CPRRenegotiated(EventPayload, type="contracts.cpr_renegotiated.v1", subject="cpr_id"):
    renegotiation_id: UUID
    cpr_id: UUID
    farmer_id: UUID
    installment_count: int
    first_due_on: date


class OfferingOpened(EventPayload, type="marketplace.offering_opened.v1", subject="offering_id"):
    offering_id: UUID
    farmer_id: UUID
    quota_count: int
    closes_at: datetime


class OfferingMilestoneReached(EventPayload, type="marketplace.offering_milestone_reached.v1", subject="offering_id"):
    offering_id: UUID
    farmer_id: UUID
    percent: int


class OfferingExpired(EventPayload, type="marketplace.offering_expired.v1", subject="offering_id"):
    offering_id: UUID
    farmer_id: UUID
    funded_quotas: int
    quota_count: int
    decide_by: datetime


class OfferingExtended(EventPayload, type="marketplace.offering_extended.v1", subject="offering_id"):
    offering_id: UUID
    cpr_id: UUID
    closes_at: datetime


class OfferingFunded(EventPayload, type="marketplace.offering_funded.v1", subject="offering_id"):
    offering_id: UUID
    farmer_id: UUID
    principal_minor: int


class OfferingCancelled(EventPayload, type="marketplace.offering_cancelled.v1", subject="offering_id"):
    offering_id: UUID
    farmer_id: UUID


class InvestmentRequested(EventPayload, type="marketplace.investment_requested.v1", subject="investment_id"):
    investment_id: UUID
    investor_id: UUID


class InvestmentConfirmed(EventPayload, type="marketplace.investment_confirmed.v1", subject="investment_id"):
    investment_id: UUID
    cpr_id: UUID
    investor_id: UUID
    quota_count: int
    amount_minor: int


class InvestmentRefused(EventPayload, type="marketplace.investment_refused.v1", subject="investment_id"):
    investment_id: UUID
    investor_id: UUID
    reason: str


class InvestmentCancelled(EventPayload, type="marketplace.investment_cancelled.v1", subject="investment_id"):
    investment_id: UUID
    cpr_id: UUID
    investor_id: UUID
    amount_minor: int


class InvestmentClosed(EventPayload, type="marketplace.investment_closed.v1", subject="investment_id"):
    investment_id: UUID
    cpr_id: UUID
    investor_id: UUID


class QuotasWanted(EventPayload, type="marketplace.quotas_wanted.v1", subject="purchase_id"):
    purchase_id: UUID
    buyer_id: UUID


class QuotasBought(EventPayload, type="marketplace.quotas_bought.v1", subject="purchase_id"):
    purchase_id: UUID
    cpr_id: UUID
    buyer_id: UUID
    quota_count: int
    amount_minor: int


class QuotasSold(EventPayload, type="marketplace.quotas_sold.v1", subject="purchase_id"):
    purchase_id: UUID
    seller_id: UUID
    quota_count: int
    net_minor: int


class QuotaPurchaseRefused(EventPayload, type="marketplace.quota_purchase_refused.v1", subject="purchase_id"):
    purchase_id: UUID
    buyer_id: UUID
    reason: str


class QuotasOffered(EventPayload, type="marketplace.quotas_offered.v1", subject="offer_id"):
    offer_id: UUID
    seller_id: UUID
    price_minor: int


class QuotaOfferEnded(EventPayload, type="marketplace.quota_offer_ended.v1", subject="offer_id"):
    offer_id: UUID
    seller_id: UUID
    reason: str


class QuotaPositionClosed(EventPayload, type="marketplace.quota_position_closed.v1", subject="position_id"):
    position_id: UUID
    cpr_id: UUID
    investor_id: UUID


class DepositConfirmed(EventPayload, type="wallet.deposit_confirmed.v1", subject="deposit_id"):
    deposit_id: UUID
    user_id: UUID
    amount_minor: int


class SurplusCredited(EventPayload, type="wallet.surplus_credited.v1", subject="payment_id"):
    payment_id: UUID
    user_id: UUID
    amount_minor: int
    reason: str


class CPRDisbursed(EventPayload, type="wallet.cpr_disbursed.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID
    net_minor: int


class PayoutCredited(EventPayload, type="wallet.payout_credited.v1", subject="payout_id"):
    payout_id: UUID
    user_id: UUID
    amount_minor: int


class BankAccountRegistered(EventPayload, type="wallet.bank_account_registered.v1", subject="bank_account_id"):
    bank_account_id: UUID
    user_id: UUID


class WithdrawalRequested(EventPayload, type="wallet.withdrawal_requested.v1", subject="withdrawal_id"):
    withdrawal_id: UUID
    user_id: UUID
    amount_minor: int


class WithdrawalSettled(EventPayload, type="wallet.withdrawal_settled.v1", subject="withdrawal_id"):
    withdrawal_id: UUID
    user_id: UUID
    amount_minor: int


class _OfReturn(EventPayload):
    return_id: UUID
    user_id: UUID | None
    """Nobody's that we know."""
    amount_minor: int
    reason: str
    source: str


class PaymentReturnRequested(_OfReturn, type="wallet.payment_return_requested.v1", subject="return_id"):
    pass


class PaymentReturned(_OfReturn, type="wallet.payment_returned.v1", subject="return_id"):
    pass


class PaymentReturnFailed(_OfReturn, type="wallet.payment_return_failed.v1", subject="return_id"):
    pass


class MoneyClaimOpened(EventPayload, type="wallet.money_claim_opened.v1", subject="claim_id"):
    claim_id: UUID
    user_id: UUID | None
    amount_minor: int
    blocked_minor: int


class MoneyClaimEnded(EventPayload, type="wallet.money_claim_ended.v1", subject="claim_id"):
    claim_id: UUID
    user_id: UUID | None
    outcome: str
    taken_minor: int
    released_minor: int
    debt_minor: int


class WithdrawalReturned(EventPayload, type="wallet.withdrawal_returned.v1", subject="withdrawal_id"):
    withdrawal_id: UUID
    user_id: UUID
    amount_minor: int
    reason: str | None = None
