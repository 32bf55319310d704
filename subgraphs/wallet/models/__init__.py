"""The wallet's tables. The ledger's own are facts; the others say what the money is for."""

from subgraphs.wallet.models.charge import (
    Charge,
    ChargeMethod,
    ChargePurpose,
    ChargeStatus,
    GatewayPayment,
    PaymentOutcome,
)
from subgraphs.wallet.models.declarative import Base
from subgraphs.wallet.models.hold import (
    INVESTMENT,
    Hold,
    HoldDecision,
    HoldRequest,
    HoldStatus,
    OfferingFunding,
    OfferingStatus,
)
from subgraphs.wallet.models.installment import (
    DistributionPart,
    Installment,
    InstallmentPayment,
    PaymentMethod,
    RegisteredCPR,
)
from subgraphs.wallet.models.ledger import (
    AccountKind,
    LedgerAccount,
    LedgerBalance,
    LedgerEntry,
    LedgerTransfer,
    Side,
    TransferKind,
)
from subgraphs.wallet.models.parameters import (
    Instrument,
    IofRate,
    MoneyOutPause,
    NightLimit,
    OriginationFeeRate,
    Parameter,
)
from subgraphs.wallet.models.quota import (
    GainTaxBracket,
    GainTaxRule,
    GainTaxTreatment,
    QuotaPosition,
    QuotaRegister,
    QuotaSwap,
    SecondaryFeeRate,
    SwapRequest,
)
from subgraphs.wallet.models.sandbox import SandboxCharge, SandboxDelivery, SandboxPayment, SandboxTransfer
from subgraphs.wallet.models.staff_action import StaffAction, StaffActionKind
from subgraphs.wallet.models.unclaimed import UnclaimedCredit, UnclaimedPayout
from subgraphs.wallet.models.wallet import (
    BankAccount,
    BankAccountToSeal,
    BankAccountType,
    VerifiedIdentity,
    Wallet,
)
from subgraphs.wallet.models.withdrawal import Withdrawal, WithdrawalStatus

__all__ = [
    "INVESTMENT",
    "AccountKind",
    "BankAccount",
    "BankAccountToSeal",
    "BankAccountType",
    "Base",
    "Charge",
    "ChargeMethod",
    "ChargePurpose",
    "ChargeStatus",
    "DistributionPart",
    "GainTaxBracket",
    "GainTaxRule",
    "GainTaxTreatment",
    "GatewayPayment",
    "Hold",
    "HoldDecision",
    "HoldRequest",
    "HoldStatus",
    "Installment",
    "InstallmentPayment",
    "Instrument",
    "IofRate",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerEntry",
    "LedgerTransfer",
    "MoneyOutPause",
    "NightLimit",
    "OfferingFunding",
    "OfferingStatus",
    "OriginationFeeRate",
    "Parameter",
    "PaymentMethod",
    "PaymentOutcome",
    "QuotaPosition",
    "QuotaRegister",
    "QuotaSwap",
    "RegisteredCPR",
    "SandboxCharge",
    "SandboxDelivery",
    "SandboxPayment",
    "SandboxTransfer",
    "SecondaryFeeRate",
    "Side",
    "StaffAction",
    "StaffActionKind",
    "SwapRequest",
    "TransferKind",
    "UnclaimedCredit",
    "UnclaimedPayout",
    "VerifiedIdentity",
    "Wallet",
    "Withdrawal",
    "WithdrawalStatus",
]
