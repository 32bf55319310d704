"""
Refusals in the graph: every mutation answers with a union of its success and the refusals it can give.

A domain lists which exception becomes which type, and its catalogue of messages; `refusal_handlers` makes the
Strawberry handlers. They run outside the resolver, so the transaction has been rolled back by then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast
from uuid import UUID

import strawberry

from subgraphs.shared import refusal
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.money import format_brl, to_decimal


@dataclass(frozen=True)
class Message:
    """One sentence for a person, in Portuguese and in English; `{name}` is filled from the refusal's data."""

    pt: str
    en: str
    words: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    """For data that are codes, by name: what each code is in the sentence, in Portuguese and in English."""

    def filled(self, data: Mapping[str, Any]) -> tuple[str, str]:
        portuguese = {key: _for_reader(key, value, portuguese=True) for key, value in data.items()}
        english = {key: _for_reader(key, value, portuguese=False) for key, value in data.items()}
        for key, words in self.words.items():
            portuguese[key], english[key] = words[data[key]]
        return self.pt.format(**portuguese), self.en.format(**english)


def _for_reader(key: str, value: Any, *, portuguese: bool) -> Any:
    if key.endswith("_minor") and isinstance(value, int):
        return format_brl(value) if portuguese else f"R$ {to_decimal(value):,}"
    return value


@strawberry.interface(description="A rule said no. `message` is for the person, in Portuguese; `code` is for programs.")
class Refusal:
    code: str
    message: str
    message_english: str


@strawberry.federation.type(shareable=True, description="A value breaks a rule of its own. `field` names the input.")
class InvalidInput(Refusal):
    field: str


@strawberry.federation.type(
    shareable=True,
    description="The idempotency key was used before, with another content. Use a new key for a new request.",
)
class IdempotencyKeyReused(Refusal):
    idempotency_key: str


@strawberry.federation.type(
    shareable=True,
    description="Too many want the same thing at this moment. Nothing was done; send the same request again.",
)
class Busy(Refusal):
    pass


@strawberry.federation.type(
    shareable=True,
    description="Prove again who is asking with `confirmIdentity`, and send the same request with the token it gives.",
)
class FreshProofRequired(Refusal):
    seconds_max: int = strawberry.field(description="How old the proof in the token may be.")


@strawberry.federation.type(
    shareable=True, description="There is no such proposal, or it has ended: decided on, withdrawn or expired."
)
class ProposalNotOpen(Refusal):
    proposal_id: strawberry.ID


@strawberry.federation.type(shareable=True, description="Nobody approves what they proposed themselves.")
class OwnProposal(Refusal):
    proposal_id: strawberry.ID


@strawberry.federation.type(shareable=True, description="Another proposal to do the same waits for a decision.")
class ProposalPending(Refusal):
    subject_id: strawberry.ID


SHARED_TYPES: dict[type[refusal.Refusal], type[Refusal]] = {
    refusal.InvalidInput: InvalidInput,
    refusal.Busy: Busy,
    refusal.IdempotencyKeyReused: IdempotencyKeyReused,
    refusal.FreshProofRequired: FreshProofRequired,
    refusal.ProposalNotOpen: ProposalNotOpen,
    refusal.OwnProposal: OwnProposal,
    refusal.ProposalPending: ProposalPending,
}
SHARED_MESSAGES: dict[type[refusal.Refusal], Message] = {
    refusal.InvalidInput: Message(pt="{reason_pt}", en="{reason}"),
    refusal.Busy: Message(
        pt="Há muita gente fazendo isto agora. Tente de novo em instantes.",
        en="Many are doing this right now. Try again in a moment.",
    ),
    refusal.IdempotencyKeyReused: Message(
        pt="Esta operação já foi enviada com outros dados. Tente de novo.",
        en="This idempotency key was used before with another content; use a new key.",
    ),
    refusal.FreshProofRequired: Message(
        pt="Confirme sua senha para continuar.",
        en="Confirm your password to go on.",
    ),
    refusal.ProposalNotOpen: Message(
        pt="Esta proposta não existe ou já foi encerrada.",
        en="There is no such proposal, or it has ended.",
    ),
    refusal.OwnProposal: Message(
        pt="Quem propõe não aprova: peça a outra pessoa da equipe.",
        en="Nobody approves what they proposed: ask another of the staff.",
    ),
    refusal.ProposalPending: Message(
        pt="Já há uma proposta igual aguardando decisão.",
        en="Another proposal to do the same waits for a decision.",
    ),
}


class _Handler:
    """Turns one kind of refusal into its GraphQL type."""

    def __init__(self, exception_type: type[refusal.Refusal], error_type: type[Refusal], message: Message) -> None:
        self.exception_type = exception_type
        self.error_type = error_type
        self._message = message
        self._names = {field.name for field in fields(cast("Any", error_type))} - {
            "code",
            "message",
            "message_english",
        }

    def handle(self, exception: refusal.Refusal, *, field: Any, info: Any) -> Refusal:  # noqa: ARG002  # Strawberry's protocol
        portuguese, english = self._message.filled(exception.data())
        values = {name: _wire_value(exception, name) for name in self._names}
        return self.error_type(code=type(exception).__name__, message=portuguese, message_english=english, **values)


def _wire_value(exception: refusal.Refusal, name: str) -> Any:
    """A refusal's datum as its GraphQL field: `available_minor` in the domain is `available: Money` in the graph."""
    if hasattr(exception, f"{name}_minor"):
        return Money.of_minor(getattr(exception, f"{name}_minor"))
    value = getattr(exception, name)
    return strawberry.ID(str(value)) if isinstance(value, UUID) else value


def refusal_handlers(
    types: Mapping[type[refusal.Refusal], type[Refusal]],
    messages: Mapping[type[refusal.Refusal], Message],
) -> Iterable[Any]:
    """Handlers for a domain's refusals and the shared ones. Raises KeyError when a refusal has no message."""
    all_types = {**SHARED_TYPES, **types}
    all_messages = {**SHARED_MESSAGES, **messages}
    return [_Handler(exception, error, all_messages[exception]) for exception, error in all_types.items()]
