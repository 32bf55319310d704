"""A person's statement: what changed the money they can use."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.wallet import models
from subgraphs.wallet.api.messages import STATEMENT_LINES
from subgraphs.wallet.models import Side, TransferKind


@strawberry.enum(description="Why the available balance changed.")
class StatementKind(Enum):
    DEPOSIT = "DEPOSIT"
    """Money that the person brought in."""
    SURPLUS = "SURPLUS"
    """A payment for something that was paid already, or too late: it stays the payer's."""
    SUSPENSE_RESOLVED = "SUSPENSE_RESOLVED"
    """A payment that was found to be the person's."""
    PAYMENT_RETURN = "PAYMENT_RETURN"
    """On its way back to who paid it."""
    PAYMENT_RETURN_FAILED = "PAYMENT_RETURN_FAILED"
    """Did not reach its payer, and is in the wallet again."""
    CLAIM_BLOCK = "CLAIM_BLOCK"
    """Blocked, because a payer's bank wants it back."""
    CLAIM_RELEASE = "CLAIM_RELEASE"
    """Free again: the payer's bank does not get it."""
    DEBT_PAID = "DEBT_PAID"
    """A debt, paid out of what was credited."""
    HOLD = "HOLD"
    """Set aside for an investment."""
    HOLD_RELEASE = "HOLD_RELEASE"
    """What was set aside is free again."""
    DISBURSEMENT = "DISBURSEMENT"
    """The money of the person's funded CPR."""
    INSTALLMENT_PAYMENT = "INSTALLMENT_PAYMENT"
    """An installment that the person paid."""
    PAYOUT = "PAYOUT"
    """The person's part of a paid installment."""
    QUOTA_SWAP = "QUOTA_SWAP"
    """The price of quotas, bought or sold."""
    WITHDRAWAL = "WITHDRAWAL"
    """On its way to the person's bank."""
    WITHDRAWAL_RETURN = "WITHDRAWAL_RETURN"
    """A withdrawal that did not arrive, or came back."""
    REVERSAL = "REVERSAL"
    """An earlier entry, undone."""

    @property
    def transfer_kind(self) -> TransferKind:
        return TransferKind(self.value)


@strawberry.type(description="One change of the available balance.")
class StatementEntry:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    occurred_at: datetime = strawberry.field(description="When it changed.")
    kind: StatementKind = strawberry.field(description="Why it changed.")
    description: str = strawberry.field(description="For the person, in Portuguese.")
    amount: Money = strawberry.field(description="Positive when the balance rose, negative when it fell.")
    balance_after: Money = strawberry.field(description="The available balance after this change.")
    reference: strawberry.ID = strawberry.field(description="The deposit, investment, CPR, payout, … it belongs to.")

    @classmethod
    def from_models(cls, entry: models.LedgerEntry, transfer: models.LedgerTransfer) -> Self:
        # What people have is what we owe them: a credit raises it.
        signed = entry.amount_minor if entry.side is Side.CREDIT else -entry.amount_minor
        return cls(
            id=strawberry.ID(str(entry.id)),
            occurred_at=transfer.occurred_at,
            kind=StatementKind(transfer.kind.value),
            description=STATEMENT_LINES[transfer.kind],
            amount=Money.of_minor(signed),
            balance_after=Money.of_minor(entry.balance_after_minor),
            reference=strawberry.ID(str(transfer.reference_id)),
        )


@strawberry.type(description="A part of a statement, newest first.")
class StatementPage:
    nodes: list[StatementEntry] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
    csv_path: str = strawberry.field(
        description="The whole list (these days, these kinds) as a file for spreadsheets, the oldest first: GET it "
        "with an access token."
    )
    pdf_path: str = strawberry.field(description="The same to read and keep.")
