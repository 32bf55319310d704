"""
A refusal is a rule saying no: expected, typed, part of the schema.

Domain code raises it; leaving the transaction undoes whatever was begun; the API layer turns it into a member of
the mutation's union. A fault (a bug, a timeout) is never a refusal.

It is declared once, in its domain's `refusals.py`:

    @dataclass
    class InsufficientFunds(Refusal):
        '''More is asked for than is available.'''

        message = Message(pt="Saldo insuficiente: há {available_minor}.", en="Insufficient funds: {available_minor}.")

        available_minor: Annotated[int, "What may be spent now."]

The class name is its code and its type's name in the graph; the docstring's first paragraph and the notes on fields
are the descriptions there. What else a docstring says is for readers of the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Final, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from subgraphs.shared.money import format_brl, format_brl_in_english
from subgraphs.shared.vocabulary import ConsentPurpose

_KINDS: dict[str, type["Refusal"]] = {}

UNSHOWN: Final = object()
"""Marks a field, as `Annotated[str, UNSHOWN]`, that is in the sentences only, and not in the graph."""


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
        return format_brl(value) if portuguese else format_brl_in_english(value)
    return value


class Refusal(Exception):
    """
    The rules say no.

    Subclasses are dataclasses: their fields are the data a client needs to act on the refusal, and the values
    that are filled into its sentences.
    """

    message: ClassVar[Message]
    """What it says to the person."""

    @property
    def is_an_answer(self) -> bool:
        """
        Whether the request is decided by it.

        Otherwise it says what to do first, or to wait, and the same request may be sent again with the same
        idempotency key. What is refused for want of a fact that another domain tells is not decided either: it may be
        on its way. A refusal says `is_an_answer = False` then, or of which of its reasons it holds.
        """
        return True

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

    def sentences(self) -> tuple[str, str]:
        """What it says to the person, in Portuguese and in English."""
        return self.message.filled(self.data())

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
    A value breaks a rule of its own. `field` names the input.

    Whatever the state of the world: what depends on it is another refusal. Nothing is decided by it, so that the
    corrected form may be sent with the same key.
    """

    message = Message(pt="{reason_pt}", en="{reason}")
    is_an_answer = False

    field: Annotated[str, "The input's field with the wrong value, by its name in the schema."]
    reason: Annotated[str, UNSHOWN]
    """In English, for developers."""
    reason_pt: Annotated[str, UNSHOWN] = ""
    """In Portuguese, for the person; falls back to *reason*."""

    def __post_init__(self) -> None:
        self.reason_pt = self.reason_pt or self.reason


@dataclass
class IdempotencyKeyReused(Refusal):
    """The idempotency key was used before, with another content. Use a new key for a new request."""

    message = Message(
        pt="Esta operação já foi enviada com outros dados. Tente de novo.",
        en="This idempotency key was used before with another content; use a new key.",
    )
    is_an_answer = False

    idempotency_key: Annotated[str, "The key that was sent."]


@dataclass
class FreshProofRequired(Refusal):
    """Prove again who is asking with `confirmIdentity`, and send the same request with the token it gives."""

    message = Message(pt="Confirme sua senha para continuar.", en="Confirm your password to go on.")
    is_an_answer = False

    seconds_max: Annotated[int, "How old the proof in the token may be."]


CONSENT_TEXTS_IN_WORDS: Mapping[str, tuple[str, str]] = {
    ConsentPurpose.TERMS_OF_USE: ("os termos de uso", "the terms of use"),
    ConsentPurpose.PRIVACY_POLICY: ("a política de privacidade", "the privacy policy"),
    ConsentPurpose.CREDIT_BUREAU: (
        "a autorização de consulta ao SCR e aos birôs de crédito",
        "the authorisation to ask the SCR and credit bureaus",
    ),
    ConsentPurpose.INVESTMENT_RISK: ("o aviso de risco ao investidor", "the risk notice for investors"),
    ConsentPurpose.MARKETING: ("o recebimento de novidades e ofertas", "news and offers"),
}
"""What people are asked to agree to, as it is called in a sentence, in Portuguese and in English."""


@dataclass
class ConsentRequired(Refusal):
    """
    Read the text that is in force (`consentTexts`) and agree to it first: with `giveConsent`, or in the sign-up's form.

    A consent that was given a moment ago may be on its way.
    """

    message = Message(
        pt="Para continuar, leia e aceite {purpose} (versão {version}).",
        en="To go on, read and agree to {purpose} (version {version}).",
        words={"purpose": CONSENT_TEXTS_IN_WORDS},
    )
    is_an_answer = False

    purpose: Annotated[ConsentPurpose, "What the text is for."]
    version: Annotated[int, "The version in force, which `giveConsent` takes."]


@dataclass
class Busy(Refusal):
    """Too many want the same thing at this moment. Nothing was done; send the same request again."""

    message = Message(
        pt="Há muita gente fazendo isto agora. Tente de novo em instantes.",
        en="Many are doing this right now. Try again in a moment.",
    )
    is_an_answer = False


@dataclass
class NotStuck(Refusal):
    """It waits for nothing, or not for long enough: there is nothing to set going again."""

    message = Message(
        pt="Isto não está parado: nada foi feito.", en="This does not wait too long for anything; nothing was done."
    )

    saga_id: Annotated[UUID, "The id that was sent."]


@dataclass
class ProposalNotOpen(Refusal):
    """There is no such proposal, or it has ended: decided on, withdrawn or expired."""

    message = Message(
        pt="Esta proposta não existe ou já foi encerrada.", en="There is no such proposal, or it has ended."
    )

    proposal_id: Annotated[UUID, "The id that was sent."]


@dataclass
class OwnProposal(Refusal):
    """Nobody approves what they proposed themselves."""

    message = Message(
        pt="Quem propõe não aprova: peça a outra pessoa da equipe.",
        en="Nobody approves what they proposed: ask another of the staff.",
    )

    proposal_id: Annotated[UUID, "The proposal's id."]


@dataclass
class ProposalPending(Refusal):
    """Another proposal to do the same waits for a decision."""

    message = Message(
        pt="Já há uma proposta igual aguardando decisão.", en="Another proposal to do the same waits for a decision."
    )

    subject_id: Annotated[UUID, "What the other proposal is about: its id."]
