"""A person's statement: what changed the money they can use."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.wallet import models
from subgraphs.wallet.api.messages import STATEMENT_LINES
from subgraphs.wallet.models import Side, TransferKind


@strawberry.enum(description="Why the available balance changed.")
class StatementKind(Enum):
    DEPOSIT = "DEPOSIT"
    SURPLUS = "SURPLUS"
    SUSPENSE_RESOLVED = "SUSPENSE_RESOLVED"
    PAYMENT_RETURN = "PAYMENT_RETURN"
    PAYMENT_RETURN_FAILED = "PAYMENT_RETURN_FAILED"
    CLAIM_BLOCK = "CLAIM_BLOCK"
    CLAIM_RELEASE = "CLAIM_RELEASE"
    DEBT_PAID = "DEBT_PAID"
    HOLD = "HOLD"
    HOLD_RELEASE = "HOLD_RELEASE"
    DISBURSEMENT = "DISBURSEMENT"
    INSTALLMENT_PAYMENT = "INSTALLMENT_PAYMENT"
    PAYOUT = "PAYOUT"
    QUOTA_SWAP = "QUOTA_SWAP"
    WITHDRAWAL = "WITHDRAWAL"
    WITHDRAWAL_RETURN = "WITHDRAWAL_RETURN"
    REVERSAL = "REVERSAL"

    @property
    def transfer_kind(self) -> TransferKind:
        return TransferKind(self.value)


@strawberry.type(description="One change of the available balance.")
class StatementEntry:
    id: strawberry.ID
    occurred_at: datetime
    kind: StatementKind
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
    nodes: list[StatementEntry]
    page_info: PageInfo
    csv_path: str = strawberry.field(
        description="The whole list (these days, these kinds) as a file for spreadsheets, the oldest first: GET it "
        "with an access token."
    )
    pdf_path: str = strawberry.field(description="The same to read and keep.")
