"""
The payment gateway: who turns our charges into codes that people pay, and sends money out for us.

Every order carries a name that we made (`txid`, `reference`); repeating an order with the same name is the same
order. What happens afterwards the gateway tells by webhook (`schemas/webhooks.py`), at least once and in any order;
the `list_` and `find_` calls are for what it told and we did not hear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class GatewayUnavailable(Exception):
    """It does not answer, or not in time. Whether an order was taken is unknown; repeat it."""


class GatewayRefused(Exception):
    """It will not take this order, however often it is repeated; the message says why."""


@dataclass(frozen=True, kw_only=True)
class PixChargeOrder:
    txid: str
    amount_minor: int
    expires_at: datetime
    description: str


@dataclass(frozen=True, kw_only=True)
class BoletoOrder:
    txid: str
    amount_minor: int
    due_on: date
    expires_at: datetime
    description: str


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A bank account that money goes to."""

    bank_code: str
    branch: str
    account_number: str
    account_type: str
    holder_name: str
    holder_tax_id: str
    """CPF or CNPJ."""


@dataclass(frozen=True, kw_only=True)
class PixOutOrder:
    reference: str
    amount_minor: int
    destination: Destination


@dataclass(frozen=True, kw_only=True)
class ReturnOrder:
    """A payment that we received, or a part of it, is to go back to who made it (Pix: devolução)."""

    reference: str
    end_to_end_id: str
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class Payer:
    """Who made a payment, as their bank says."""

    name: str
    tax_id: str
    """CPF or CNPJ."""
    bank: str
    """Its name, or its number in the payment system."""


@dataclass(frozen=True, kw_only=True)
class ReportedPayment:
    """A payment that the gateway has received for us."""

    end_to_end_id: str
    txid: str
    method: str
    amount_minor: int
    paid_at: datetime
    settles_on: date
    payer: Payer | None = None
    """Unknown of a boleto that was paid in cash."""


class ClaimState(StrEnum):
    """How a claim of a payer's bank stands."""

    OPEN = "OPEN"
    REJECTED = "REJECTED"
    TAKEN_BACK = "TAKEN_BACK"


@dataclass(frozen=True, kw_only=True)
class ReportedClaim:
    """A payer's bank wants a payment back (Pix: MED), or has it, after a claim or without one."""

    claim: str
    """The gateway's own name of it, the same in every notice."""
    end_to_end_id: str
    amount_minor: int
    """What is wanted; once it is taken back, what was taken."""
    reason: str
    state: ClaimState
    opened_at: datetime


class OutcomeStatus(StrEnum):
    PENDING = "PENDING"
    SETTLED = "SETTLED"
    RETURNED = "RETURNED"
    """It did not arrive; the money is ours again."""


@dataclass(frozen=True, kw_only=True)
class TransferOutcome:
    """How far an order to send money has come."""

    status: OutcomeStatus
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class AccountHolder:
    """Whose a bank account is."""

    name: str
    tax_id: str
    """CPF or CNPJ (`subgraphs/shared/tax_ids.py`)."""


class PaymentGateway(Protocol):
    """Every method may raise GatewayUnavailable; none is called inside a database transaction."""

    async def create_pix_charge(self, order: PixChargeOrder) -> str:
        """The BR Code of the charge. Raises GatewayRefused."""
        ...

    async def create_boleto(self, order: BoletoOrder) -> str:
        """The barcode of the boleto. Raises GatewayRefused."""
        ...

    async def cancel_charge(self, txid: str) -> None:
        """Let it be paid no more, as far as possible: a payment may be on its way. Unknown ones are ignored."""
        ...

    async def send_pix(self, order: PixOutOrder) -> None:
        """Take the order to send money; its end comes by webhook. Raises GatewayRefused."""
        ...

    async def find_outcome(self, reference: str) -> TransferOutcome | None:
        """What became of an order to send money; None when it never took one of that name."""
        ...

    async def return_payment(self, order: ReturnOrder) -> None:
        """
        Take the order to give a payment back; its end comes by webhook.

        Raises GatewayRefused: too late (Pix: 90 days), more than is left of it, or to somebody unknown.
        """
        ...

    async def find_return(self, reference: str) -> TransferOutcome | None:
        """What became of an order to give a payment back; None when it never took one of that name."""
        ...

    async def list_payments(self, *, since: datetime, limit: int) -> Sequence[ReportedPayment]:
        """Payments received from *since* on, oldest first."""
        ...

    async def list_claims(self, *, since: datetime, limit: int) -> Sequence[ReportedClaim]:
        """Claims opened from *since* on, oldest first, as they stand now."""
        ...

    async def find_holder(
        self, *, bank_code: str, branch: str, account_number: str, claimed: AccountHolder
    ) -> AccountHolder | None:
        """Whose account this is, for the person who *claimed* it; None when there is no such account."""
        ...
