"""
The chart of accounts: which accounts there are, and which side raises each.

    what we own (debit)              what we owe (credit)                       what we earn (credit)
    bank                             a person's available, held, processing     origination fee
    gateway (what it owes us)        escrow per CPR, distribution per payment   performance fee, secondary fee
    people's debts                   claim per claim of a payer's bank
                                     suspense, returns, IOF, income tax

Money that comes in is a debit to the gateway and a credit to somebody; so debits equal credits, always.
An account's id follows from its code, so that opening it twice is harmless. The platform's own were opened by the
migration; their ids sort last, so that the accounts everybody uses are locked last.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from subgraphs.shared.turns import Row
from subgraphs.wallet.models import AccountKind, Side

_CODES = UUID("b5a6bd6f-6a3c-5c1c-9b0e-0d5c0b6f5e0a")
"""The namespace of account codes."""


def _platform(number: int) -> UUID:
    return UUID(f"ffffffff-0000-8000-8000-{number:012d}")


SUSPENSE = _platform(1)
ORIGINATION_FEE = _platform(2)
PERFORMANCE_FEE = _platform(3)
IOF_PAYABLE = _platform(4)
INCOME_TAX_PAYABLE = _platform(5)
GATEWAY = _platform(6)
BANK = _platform(7)
SECONDARY_FEE = _platform(8)
RETURNS = _platform(10)
PERSON_DEBTS = _platform(11)

PLATFORM = frozenset(
    {
        SUSPENSE,
        RETURNS,
        PERSON_DEBTS,
        ORIGINATION_FEE,
        PERFORMANCE_FEE,
        SECONDARY_FEE,
        IOF_PAYABLE,
        INCOME_TAX_PAYABLE,
        GATEWAY,
        BANK,
    }
)

EARNINGS = (ORIGINATION_FEE, PERFORMANCE_FEE, SECONDARY_FEE)
"""What the platform earned, and may spend."""

GATEWAY_ROW = Row("ledger account", GATEWAY)
"""Every payment that comes in is entered on it: those who take payments wait their turn at it."""


def id_of(code: str) -> UUID:
    """The id of the account that is called so, of all but the platform's own."""
    return uuid5(_CODES, code)


@dataclass(frozen=True)
class Account:
    """An account to be opened. All that are opened while we run are liabilities that never go below zero."""

    kind: AccountKind
    reference_id: UUID
    """Whose it is, or what it clears."""
    owner_id: UUID | None = None

    @property
    def code(self) -> str:
        return f"{self.kind.value.lower()}:{self.reference_id}"

    @property
    def id(self) -> UUID:
        return id_of(self.code)

    @property
    def normal_side(self) -> Side:
        return Side.CREDIT


def available(user_id: UUID) -> Account:
    return Account(AccountKind.AVAILABLE, user_id, owner_id=user_id)


def held(user_id: UUID) -> Account:
    return Account(AccountKind.HELD, user_id, owner_id=user_id)


def processing(user_id: UUID) -> Account:
    return Account(AccountKind.PROCESSING, user_id, owner_id=user_id)


def escrow(cpr_id: UUID) -> Account:
    return Account(AccountKind.ESCROW, cpr_id)


def claim(claim_id: UUID) -> Account:
    return Account(AccountKind.CLAIM, claim_id)


def distribution(payment_id: UUID) -> Account:
    return Account(AccountKind.DISTRIBUTION, payment_id)
