"""What staff propose to be done with money."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.graphql.proposals import ProposalStatus
from subgraphs.shared.proposals import Proposal
from subgraphs.shared.scopes import Sight
from subgraphs.wallet.api.context import Context
from subgraphs.wallet.api.types.ledger import LedgerTransfer
from subgraphs.wallet.api.types.vocabulary import ReversalObstacle, StaffActionKind
from subgraphs.wallet.domain.reversals import Reversal
from subgraphs.wallet.domain.staff_moves import Foreseen
from subgraphs.wallet.domain.staff_plans import Move
from subgraphs.wallet.models import AccountKind, Side


@strawberry.type(description="An entry that a proposal would make in the ledger, or has made.")
class ProposedEntry:
    account_code: str = strawberry.field(description="Unique and readable: `bank`, `escrow:<cpr>`, `available:<user>`.")
    account_kind: AccountKind = strawberry.field(description="What the account is for.")
    owner_id: strawberry.ID | None = strawberry.field(description="The person whose account it is.")
    side: Side = strawberry.field(description="Whether it is a debit or a credit.")
    amount: Money = strawberry.field(description="Always above zero; the side says which way.")

    @classmethod
    def seen_by(cls, context: Context, entry: Foreseen) -> Self:
        if entry.owner_id:
            context.may_see(entry.owner_id, Sight.MONEY)
        return cls(
            account_code=entry.account_code,
            account_kind=entry.account_kind,
            owner_id=strawberry.ID(str(entry.owner_id)) if entry.owner_id else None,
            side=entry.side,
            amount=Money.of_minor(entry.amount_minor),
        )


@strawberry.type(description="Money that one of the staff wants to be moved, and what another said to it.")
class MoneyProposal:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    kind: StaffActionKind = strawberry.field(description="What is to be done.")
    subject: strawberry.ID = strawberry.field(
        description="The payment or unclaimed credit, or the fact to be undone: what its transfers have as their cause."
    )
    user_id: strawberry.ID | None = strawberry.field(description="The person whose wallet gets the money.")
    bank_reference: str | None = strawberry.field(
        description="The bank's name for the payment; null where no bank has paid."
    )
    amount: Money = strawberry.field(
        description="How much moves in all; what an account gets and passes on, as of a deposit that goes back, once."
    )
    entries: list[ProposedEntry] = strawberry.field(
        description="The entries in the ledger that it comes to.", directives=[sized(4)]
    )
    reason: str = strawberry.field(description="Why, in the words of who proposed it.")
    status: ProposalStatus = strawberry.field(description="How far it has come.")
    proposed_by: strawberry.ID = strawberry.field(description="Who of the staff proposed it: a person's id.")
    proposed_at: datetime = strawberry.field(description="When it was proposed.")
    expires_at: datetime = strawberry.field(
        description="When it ends by itself if nobody decides: 72 hours after it was proposed."
    )
    decided_by: strawberry.ID | None = strawberry.field(
        description="Who of the staff ended it: a person's id. Null while it is open, and when it expired."
    )
    decided_at: datetime | None = strawberry.field(
        description="When it was approved, rejected or withdrawn, or found to have expired; null until then."
    )
    decision_reason: str | None = strawberry.field(description="Why it was rejected or withdrawn.")

    @classmethod
    def seen_by(cls, context: Context, row: Proposal, *, now: datetime) -> Self:
        """For staff, who look at the money of the people whose it is."""
        move, foreseen = Move.of(row), [Foreseen.read(kept) for kept in row.foreseen]
        return cls(
            id=strawberry.ID(str(row.id)),
            kind=move.kind,
            subject=strawberry.ID(str(row.subject_id)),
            user_id=strawberry.ID(str(move.user_id)) if move.user_id else None,
            bank_reference=move.bank_reference,
            amount=Money.of_minor(_moved(foreseen)),
            entries=[ProposedEntry.seen_by(context, entry) for entry in foreseen],
            reason=row.reason,
            status=row.status_at(now),
            proposed_by=strawberry.ID(str(row.proposed_by)),
            proposed_at=row.proposed_at,
            expires_at=row.expires_at,
            decided_by=strawberry.ID(str(row.decided_by)) if row.decided_by else None,
            decided_at=row.decided_at,
            decision_reason=row.decision_reason,
        )


def _moved(entries: Sequence[Foreseen]) -> int:
    """What accounts lose that do not get it back by the same proposal."""
    lost: Counter[UUID] = Counter()
    for entry in entries:
        lost[entry.account_id] += entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
    return sum(amount for amount in lost.values() if amount > 0)


@strawberry.type(description="Proposals to move money, the newest first.")
class MoneyProposalPage:
    nodes: list[MoneyProposal] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


@strawberry.type(description="What undoing a transfer would undo: all that moved for the same fact, or nothing.")
class ReversalPreview:
    transfers: list[LedgerTransfer] = strawberry.field(
        description="What would be undone, in the order in which it moved.", directives=[sized(2)]
    )
    obstacle: ReversalObstacle | None = strawberry.field(description="Why it cannot be undone; null when it can.")

    @classmethod
    def of(cls, found: Reversal) -> Self:
        return cls(
            transfers=[LedgerTransfer.from_model(transfer) for transfer in found.transfers], obstacle=found.obstacle
        )
