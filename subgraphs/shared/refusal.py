"""
A refusal is a rule saying no: expected, typed, part of the schema.

Domain code raises it; leaving the transaction undoes whatever was begun; the API layer turns it into a member of
the mutation's union with a message in the reader's language. A fault (a bug, a timeout) is never a refusal.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

_KINDS: dict[str, type["Refusal"]] = {}


class Refusal(Exception):
    """
    The rules say no.

    Subclasses are dataclasses: their fields are the data a client needs to act on the refusal, and the values
    that the message catalogue fills into its sentences. Their class name is the refusal's code.
    """

    is_an_answer: ClassVar[bool] = True
    """
    Whether the request is decided by it. Otherwise it says what to do first, or to wait, and the same request may be
    sent again with the same idempotency key.
    """

    def __init_subclass__(cls) -> None:
        if cls is not _KINDS.setdefault(cls._kind(), cls):
            raise TypeError(f"{cls._kind()} is two refusals")

    @classmethod
    def _kind(cls) -> str:
        """Its name, and the domain's: one process may have refusals of one name of several domains."""
        return f"{cls.__module__.split('.')[1]}.{cls.__name__}"

    def data(self) -> dict[str, Any]:
        """The refusal's own fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # subclasses are dataclasses

    def written(self) -> dict[str, Any]:
        """What `read_refusal` makes the same refusal of, in values that JSON has."""
        return {"kind": self._kind(), "data": to_jsonable_python(self.data())}


def read_refusal(written: dict[str, Any]) -> Refusal:
    """The refusal that was `written`. Raises KeyError for one of a kind that is no more."""
    kind = _KINDS[written["kind"]]
    hints = get_type_hints(kind)
    return kind(**{name: TypeAdapter(hints[name]).validate_python(value) for name, value in written["data"].items()})


@dataclass
class InvalidInput(Refusal):
    """
    A value breaks a rule of its own, whatever the state of the world: *field* names the input, *reason* the rule.

    Nothing is decided by it, so that the corrected form may be sent with the same key. What depends on the world is
    another refusal.
    """

    is_an_answer = False

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

    is_an_answer = False

    idempotency_key: str


@dataclass
class FreshProofRequired(Refusal):
    """The token does not say that its holder has just proved who they are."""

    is_an_answer = False

    seconds_max: int


@dataclass
class Busy(Refusal):
    """Too many want the same thing at this moment. Nothing was done; the same request may be sent again."""

    is_an_answer = False


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
