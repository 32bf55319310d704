"""What staff want to be done with money, and what that would move."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from subgraphs.shared.proposals import Proposal
from subgraphs.wallet.domain import ledger
from subgraphs.wallet.models import StaffActionKind


@dataclass(frozen=True, kw_only=True)
class Move:
    kind: StaffActionKind
    subject_id: UUID
    """What it is done to: the fact, payment or credit."""
    user_id: UUID | None = None
    """Whose wallet gets the money."""
    bank_reference: str | None = None
    """The bank's name for its payment."""
    amount_minor: int | None = None
    """How much goes back, where that is not all."""

    @property
    def content(self) -> dict[str, str]:
        """What a proposal says of it beside kind and subject."""
        said = {"user_id": self.user_id, "bank_reference": self.bank_reference, "amount_minor": self.amount_minor}
        return {name: str(value) for name, value in said.items() if value is not None}

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        user_id, amount = proposal.content.get("user_id"), proposal.content.get("amount_minor")
        return cls(
            kind=StaffActionKind(proposal.kind),
            subject_id=proposal.subject_id,
            user_id=UUID(user_id) if user_id else None,
            bank_reference=proposal.content.get("bank_reference"),
            amount_minor=int(amount) if amount else None,
        )


async def _nothing() -> None:
    return


@dataclass(frozen=True, kw_only=True)
class Plan:
    transfers: tuple[ledger.Transfer, ...]
    people: frozenset[UUID]
    """Whose money it is, or may be: they neither propose nor approve it."""
    given_minor: int | None = None
    """How much of what is in suspense it gives out, which the decision says."""
    finish: Callable[[], Awaitable[None]] = _nothing
    """Writes what follows from the transfers."""
