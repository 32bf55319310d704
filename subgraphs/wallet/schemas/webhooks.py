"""What the payment gateway tells by webhook. Amounts are decimal strings in reais, as Pix has them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from subgraphs.shared.instants import WireDay, WireInstant
from subgraphs.shared.money import parse_minor


def _positive_minor(value: object) -> int:
    minor = parse_minor(value)
    if minor <= 0:
        raise ValueError("an amount is of more than nothing")
    return minor


AmountMinor = Annotated[int, BeforeValidator(_positive_minor)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class _Notice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PayerTold(_Notice):
    """Who paid."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    tax_id: Annotated[str, Field(pattern=r"^[0-9A-Z]{11,14}$")]
    """CPF or CNPJ, without marks."""
    bank: Annotated[str, Field(min_length=1, max_length=100)]


class PaymentReceived(_Notice):
    """Somebody has paid: a Pix charge, or a boleto."""

    type: Literal["payment.received"]
    end_to_end_id: Name
    """The bank's own name of the payment, the same in every report."""
    txid: Name
    method: Literal["PIX", "BOLETO"]
    amount: AmountMinor
    paid_at: WireInstant
    settles_on: WireDay
    payer: PayerTold | None = None


class TransferSettled(_Notice):
    """Money that we sent has arrived."""

    type: Literal["transfer.settled"]
    reference: Name
    occurred_at: WireInstant


class TransferReturned(_Notice):
    """Money that we sent did not arrive, or was sent back."""

    type: Literal["transfer.returned"]
    reference: Name
    occurred_at: WireInstant
    reason: Annotated[str, Field(max_length=200)]


class ReturnSettled(_Notice):
    """A payment that we gave back is with its payer again."""

    type: Literal["return.settled"]
    reference: Name
    occurred_at: WireInstant


class ReturnFailed(_Notice):
    """A payment that we gave back did not reach its payer: the money is ours again."""

    type: Literal["return.failed"]
    reference: Name
    occurred_at: WireInstant
    reason: Annotated[str, Field(max_length=200)]


class ClaimOpened(_Notice):
    """A payer's bank says that a payment should not have been made (MED): until it is decided nothing of it leaves."""

    type: Literal["claim.opened"]
    claim: Name
    """The gateway's own name of the claim, the same in every notice."""
    end_to_end_id: Name
    amount: AmountMinor
    reason: Annotated[str, Field(max_length=200)]


class ClaimRejected(_Notice):
    """The claim was not right."""

    type: Literal["claim.rejected"]
    claim: Name


class PaymentTakenBack(_Notice):
    """A payment, or a part of it, is with its payer again: after a claim, or because of an error of the banks'."""

    type: Literal["payment.taken_back"]
    claim: Name
    end_to_end_id: Name
    amount: AmountMinor
    reason: Annotated[str, Field(max_length=200)]


NoticeOfClaim = ClaimOpened | ClaimRejected | PaymentTakenBack
NoticeOfEnd = TransferSettled | TransferReturned | ReturnSettled | ReturnFailed
Notice = PaymentReceived | NoticeOfEnd | NoticeOfClaim

NOTICE: TypeAdapter[Notice] = TypeAdapter(Annotated[Notice, Field(discriminator="type")])


def parse_reference(reference: str) -> UUID:
    """The withdrawal or return that a reference names; the nil UUID, which nothing has, when it is none of ours."""
    try:
        return UUID(reference)
    except ValueError:
        return UUID(int=0)
