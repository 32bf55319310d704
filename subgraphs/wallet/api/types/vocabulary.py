"""The domain's enumerations, as the graph names them; their members are explained where the code defines them."""

import strawberry

from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.domain.refusals import ReversalObstacle, WhyNotToReceive
from subgraphs.wallet.models import (
    AccountKind,
    BankAccountType,
    ChargeMethod,
    ClaimStatus,
    RemittanceStatus,
    ReturnReason,
    ReturnSource,
    ReturnStatus,
    Side,
    StaffActionKind,
    Tax,
    TransferKind,
    WithdrawalStatus,
)

strawberry.enum(BankAccountType, description="The kind of a bank account.")
strawberry.enum(ChargeMethod, description="How a charge is paid.")
strawberry.enum(TransferKind, name="LedgerTransferKind", description="Why money moved.")
strawberry.enum(AccountKind, name="LedgerAccountKind", description="What an account of the ledger is for.")
strawberry.enum(Side, name="LedgerSide", description="The side of an entry; debits equal credits.")
strawberry.enum(
    ClaimStatus,
    name="MoneyClaimStatus",
    description="OPEN: the banks look at it, what is there is blocked. PAID: the payer's bank has it; what was not "
    "there is a debt. REJECTED: what was blocked is free again.",
)
strawberry.enum(ReversalObstacle, description="Why something is not undone.")
strawberry.enum(WhyNotToReceive, description="Why somebody is not given money that is found to be theirs.")
strawberry.enum(StaffActionKind, name="MoneyMoveKind", description="What staff can do with money, two together.")
strawberry.enum(
    ReturnReason,
    name="PaymentReturnReason",
    description="ANOTHER_PAYER: a deposit from somebody else's account. PAID_TWICE: a boleto that was paid before. "
    "DECIDED: staff found that it is the payer's.",
)
strawberry.enum(
    ReturnStatus,
    name="PaymentReturnStatus",
    description="REQUESTED: set aside. SENT: ordered at the bank. SETTLED: with its payer. FAILED: where it was.",
)
strawberry.enum(ReturnSource, name="PaymentReturnSource", description="Where the money was when it was to go back.")
strawberry.enum(Tax, description="INCOME_TAX: of what investors earn and gain (IRRF). IOF: of credit.")
strawberry.enum(PersonKind, description="What the tax law sees in somebody.")
strawberry.enum(
    RemittanceStatus,
    name="TaxRemittanceStatus",
    description="PREPARED: it is known what is owed. ISSUED: there is a payment slip. PAID: the state has it.",
)
strawberry.enum(
    WithdrawalStatus,
    description="REQUESTED: set aside. SENT: ordered at the bank. SETTLED: arrived. RETURNED: back in the wallet.",
)

__all__ = [
    "AccountKind",
    "BankAccountType",
    "ChargeMethod",
    "ClaimStatus",
    "PersonKind",
    "RemittanceStatus",
    "ReturnReason",
    "ReturnSource",
    "ReturnStatus",
    "ReversalObstacle",
    "Side",
    "StaffActionKind",
    "Tax",
    "TransferKind",
    "WhyNotToReceive",
    "WithdrawalStatus",
]
