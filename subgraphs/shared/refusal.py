"""
A refusal is a rule saying no: expected, typed, part of the schema.

Domain code raises it; leaving the transaction undoes whatever was begun; the API layer turns it into a member of
the mutation's union with a message in the reader's language. A fault (a bug, a timeout) is never a refusal.
"""

from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID


class Refusal(Exception):
    """
    The rules say no.

    Subclasses are dataclasses: their fields are the data a client needs to act on the refusal, and the values
    that the message catalogue fills into its sentences. Their class name is the refusal's code.
    """

    def data(self) -> dict[str, Any]:
        """The refusal's own fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # subclasses are dataclasses


@dataclass
class InvalidInput(Refusal):
    """A value breaks a rule of its own, whatever the state of the world: *field* names the input, *reason* the rule."""

    field: str
    reason: str
    """In English, for developers."""
    reason_pt: str = ""
    """In Portuguese, for the person; falls back to *reason*."""

    def __post_init__(self) -> None:
        self.reason_pt = self.reason_pt or self.reason


@dataclass
class IdempotencyKeyReused(Refusal):
    """The same idempotency key arrived with another content: one of the two requests is a mistake."""

    idempotency_key: str


@dataclass
class FreshProofRequired(Refusal):
    """The token does not say that its holder has just proved who they are."""

    seconds_max: int


@dataclass
class Busy(Refusal):
    """Too many want the same thing at this moment. Nothing was done; the same request may be sent again."""


@dataclass
class ProposalNotOpen(Refusal):
    """No such proposal, or it has ended: decided on, withdrawn, expired."""

    proposal_id: UUID


@dataclass
class OwnProposal(Refusal):
    """Nobody approves what they proposed."""

    proposal_id: UUID


@dataclass
class ProposalPending(Refusal):
    """Another proposal to do the same waits for a decision."""

    subject_id: UUID
