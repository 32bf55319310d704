"""What notifications are about, and where the app shows it."""

from uuid import UUID

PATHS = {
    "AgroScore": "/agroscore/{id}",
    "CPR": "/cprs/{id}",
    "CreditRequest": "/credit-requests/{id}",
    "Deposit": "/wallet/deposits/{id}",
    "IdentityCheck": "/profile/identity-checks/{id}",
    "Installment": "/installments/{id}",
    "Investment": "/investments/{id}",
    "MoneyClaim": "/wallet/claims/{id}",
    "Offering": "/offerings/{id}",
    "PaymentReturn": "/wallet/returns/{id}",
    "Payout": "/payouts/{id}",
    "QuotaOffer": "/quota-offers/{id}",
    "QuotaPurchase": "/quota-purchases/{id}",
    "Renegotiation": "/renegotiations/{id}",
    "Withdrawal": "/wallet/withdrawals/{id}",
}
"""By GraphQL type; the app opens these, and so do links in e-mails."""

INBOX_PATH = "/notifications"
"""Where what is about nothing in particular is read."""


def path_of(subject_type: str | None, subject_id: UUID | None) -> str:
    """Where the app shows what a notification is about; its inbox, where that is nothing that can be opened."""
    if subject_id is None or subject_type not in PATHS:
        return INBOX_PATH
    return PATHS[subject_type].format(id=subject_id)
