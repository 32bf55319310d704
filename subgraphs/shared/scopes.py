"""
What an access token may be used for, in one place. Accounts grants scopes by profile and role; every subgraph checks
them by itself.

The tables say it: which scopes open a root field (`ROOTS`), which let files be sent and had (`ROUTES`), which open a
domain's entities (`DOMAINS`), and which show what is personal, to its owner (`OWN_SIGHTS`) and to staff (`SIGHTS`).
What is in no table is refused. Whose things are meant is always decided by the owner's id besides.
"""

from collections.abc import Mapping
from enum import StrEnum

SIGNED_IN = "signed_in"
"""Read and change what is one's own whatever one does here: account, wallet, inbox."""

FARMER = "farmer"
"""Ask for credit, sign CPRs, pay installments."""

INVESTOR = "investor"
"""Invest, hold and sell quotas."""

ANALYST = "analyst"
"""Decide identity checks and credit requests; see what they need for it."""

ADMIN = "admin"
"""Run the platform: people, transactions, parameters, suspensions, books."""

APPROVER = "approver"
"""Approve or reject what another administrator proposes. Administrators have it, a token of theirs need not."""

STAFF = (ANALYST, ADMIN)

_DECIDERS = (ADMIN, APPROVER)
_EVERYBODY = (SIGNED_IN, FARMER, INVESTOR, *STAFF, APPROVER)
_OWN = (SIGNED_IN,)
_CREDIT = (SIGNED_IN, FARMER, *STAFF)
_MARKET = (SIGNED_IN, FARMER, INVESTOR, *STAFF)

ROOTS: Mapping[str, tuple[str, ...]] = (
    {
        # accounts
        "me": _EVERYBODY,
        "user": _EVERYBODY,
        "users": (ADMIN,),
        "identityChecks": STAFF,
        "signOut": _EVERYBODY,
        "endSession": _OWN,
        "changePassword": _OWN,
        "enableTotp": _OWN,
        "confirmTotp": _OWN,
        "disableTotp": _OWN,
        "replaceRecoveryCodes": _OWN,
        "confirmIdentity": _OWN,
        "giveConsent": _OWN,
        "withdrawConsent": _OWN,
        "updateProfile": _OWN,
        "changeEmail": _OWN,
        "closeAccount": _OWN,
        "submitIdentityCheck": _OWN,
        "decideIdentityCheck": STAFF,
        "screeningHits": STAFF,
        "decideScreeningHit": STAFF,
        "registerCompany": _OWN,
        "actFor": _OWN,
        "appointRepresentative": _OWN,
        "endRepresentation": _OWN,
        "suspendUser": (ADMIN,),
        "reactivateUser": (ADMIN,),
        "deadLetters": (ADMIN,),
        "deadLetter": (ADMIN,),
        "deadLetterActs": (ADMIN,),
        "replayDeadLetters": (ADMIN,),
        "purgeDeadLetters": (ADMIN,),
        # credit
        "creditRequest": _CREDIT,
        "creditRequests": STAFF,
        "requestCredit": (FARMER,),
        "approveCreditRequest": (ANALYST,),
        "rejectCreditRequest": (ANALYST,),
        # contracts
        "cpr": _MARKET,
        "installment": _MARKET,
        "signCPR": (FARMER,),
        "renegotiation": _MARKET,
        "lateCPRs": STAFF,
        "proposeRenegotiation": (ANALYST,),
        "withdrawRenegotiation": (ANALYST,),
        "answerRenegotiation": (FARMER,),
        "voteOnRenegotiation": (INVESTOR,),
        "recordCollectionStep": (ANALYST,),
        # marketplace
        "offerings": _MARKET,
        "offering": _MARKET,
        "invest": (INVESTOR,),
        "takePartialFunding": (FARMER,),
        "extendOffering": (FARMER,),
        "cancelOffering": (FARMER,),
        "secondaryOffers": _MARKET,
        "offerQuotas": (INVESTOR,),
        "withdrawQuotaOffer": (INVESTOR,),
        "buyQuotas": (INVESTOR,),
        # wallet
        "deposit": _OWN,
        "withdrawal": _OWN,
        "ledgerTransfers": (ADMIN,),
        "booksCheck": (ADMIN,),
        "suspendedPayments": (ADMIN,),
        "createDeposit": _OWN,
        "createCharge": (FARMER,),
        "createSettlementCharge": (FARMER,),
        "payInstallment": (FARMER,),
        "settleCPR": (FARMER,),
        "registerBankAccount": _OWN,
        "removeBankAccount": _OWN,
        "requestWithdrawal": _OWN,
        "setNightLimit": _OWN,
        "pauseMoneyOut": _OWN,
        "taxRemittances": (ADMIN,),
        "paymentReturns": (ADMIN,),
        "moneyClaims": (ADMIN,),
        "unclaimedCredits": (ADMIN,),
        "moneyProposals": _DECIDERS,
        "reversalPreview": (ADMIN,),
        "proposeMoneyMove": (ADMIN,),
        "approveMoneyProposal": (APPROVER,),
        "rejectMoneyProposal": _DECIDERS,
        # distribution
        "undistributedPayments": (ADMIN,),
        # notifications
        "node": _EVERYBODY,
        "nodes": _EVERYBODY,
        "notification": _OWN,
        "notificationReceived": _OWN,
        "markNotificationsRead": _OWN,
        "setNotificationPreference": _OWN,
        "setNotificationLanguage": _OWN,
        "registerDevice": _OWN,
        "removeDevice": _OWN,
    }
    | {
        field: scopes
        for domain in ("Accounts", "Credit", "Contracts", "Marketplace", "Wallet", "Distribution")
        for field, scopes in (
            (f"{domain.lower()}AuditLog", (ADMIN,)),
            (f"{domain.lower()}Parameters", _DECIDERS),
            (f"{domain.lower()}ParameterProposals", _DECIDERS),
            (f"propose{domain}Parameters", (ADMIN,)),
            (f"approve{domain}Parameters", (APPROVER,)),
            (f"reject{domain}Parameters", _DECIDERS),
        )
    }
    | {
        field: (ADMIN,)
        for domain in ("Contracts", "Marketplace", "Wallet", "Distribution")
        for field in (f"{domain.lower()}StuckSagas", f"resume{domain}Saga")
    }
)
"""The scopes of which any one opens a root field. Fields that need no token are each domain's `public_fields`."""

ONESELF = frozenset(
    {
        "signOut",
        "endSession",
        "changePassword",
        "enableTotp",
        "confirmTotp",
        "disableTotp",
        "replaceRecoveryCodes",
        "confirmIdentity",
        "changeEmail",
        "registerCompany",
        "actFor",
    }
)
"""Root fields about what proves that a person is themselves: no token with which they act for a company opens them."""

DOMAINS: Mapping[str, tuple[str, ...]] = {
    "accounts": _EVERYBODY,
    "credit": _MARKET,
    "contracts": _MARKET,
    "marketplace": _MARKET,
    "wallet": (SIGNED_IN, *STAFF, APPROVER),
    "distribution": (SIGNED_IN, INVESTOR, *STAFF),
    "notifications": (SIGNED_IN, *STAFF),
}
"""The scopes of which any one opens a domain's entities, and with them the fields that it adds to others'."""

ROUTES: Mapping[str, tuple[str, ...]] = {
    "POST /uploads": _OWN,
    "POST /credit/documents": (FARMER,),
    "GET /wallet/transfers": (ADMIN,),
    "GET /audit-log": (ADMIN,),
    "GET /personal-data": _OWN,
}
"""The scopes of which any one lets a file be sent, or had that is nobody's own. Reading a person's is a `Sight`."""


class Sight(StrEnum):
    """A kind of personal data that belongs to somebody; each look of staff at it is written down."""

    IDENTITY = "IDENTITY"
    """Name, birth date, masked CPF, identity check."""
    CONTACT = "CONTACT"
    """E-mail, phone, roles, suspension."""
    SIGN_INS = "SIGN_INS"
    """Sessions with their network addresses, the second factor."""
    CREDIT = "CREDIT"
    """Requests, documents, scores."""
    CONTRACTS = "CONTRACTS"
    """CPRs that are not public, and their documents."""
    INCOME = "INCOME"
    """Payouts and income statements."""
    MONEY = "MONEY"
    """Wallet, deposits, withdrawals, charges, bank accounts; to staff what the books say of them, and suspense."""
    INVESTMENTS = "INVESTMENTS"
    """Investments and portfolio."""
    INBOX = "INBOX"
    """Notifications, preferences, time line."""
    LOOKS = "LOOKS"
    """Which of the staff looked at somebody's data, or decided about them; and, of staff, at whose they looked."""


SIGHTS: Mapping[Sight, tuple[str, ...]] = {
    Sight.IDENTITY: STAFF,
    Sight.CONTACT: (ADMIN,),
    Sight.SIGN_INS: (ADMIN,),
    Sight.CREDIT: STAFF,
    Sight.CONTRACTS: STAFF,
    Sight.INCOME: (ADMIN,),
    Sight.MONEY: _DECIDERS,
    Sight.INVESTMENTS: (),
    Sight.INBOX: (),
    Sight.LOOKS: (ADMIN,),
}
"""The staff who see a kind of personal data of others. An analyst sees what a check or a credit decision needs."""

OWN_SIGHTS: Mapping[Sight, tuple[str, ...]] = {
    Sight.IDENTITY: (SIGNED_IN,),
    Sight.CONTACT: (SIGNED_IN,),
    Sight.SIGN_INS: (SIGNED_IN,),
    Sight.CREDIT: (SIGNED_IN, FARMER),
    Sight.CONTRACTS: (SIGNED_IN, FARMER),
    Sight.INCOME: (SIGNED_IN, INVESTOR),
    Sight.MONEY: (SIGNED_IN,),
    Sight.INVESTMENTS: (SIGNED_IN, INVESTOR),
    Sight.INBOX: (SIGNED_IN,),
    Sight.LOOKS: (SIGNED_IN,),
}
"""The scopes of which any one shows a person their own."""
