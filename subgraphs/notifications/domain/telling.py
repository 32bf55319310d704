"""How one kind of fact is told: its words in both languages, and its values as a reader of one of them writes them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from subgraphs.notifications.domain.reasons import REASONS, quota_words, reason_words
from subgraphs.notifications.domain.vocabulary import Category, Language
from subgraphs.notifications.schemas import heard
from subgraphs.shared.clock import business_date
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.money import format_brl, format_brl_in_english
from subgraphs.shared.refusal import CONSENT_TEXTS_IN_WORDS


@dataclass(frozen=True)
class Words:
    title: str
    body: str
    title_english: str
    body_english: str


@dataclass(frozen=True)
class Telling:
    """How one kind of fact is told. What holders of quotas are told of a CPR is in `holder_catalogue.py`."""

    category: Category
    person: str | None
    """The payload's field with the person to tell; None where it is everybody who holds quotas of its `cpr_id`."""
    words: Words
    subject_type: str | None = None
    subject: str | None = None
    """The payload's field with the id of *subject_type*."""
    applies: Callable[[Any], bool] = lambda _payload: True


SECURITY_ALERTS = {
    "REFRESH_TOKEN_REUSED": (
        "Uma sessão sua foi usada em dois lugares e encerrada.",
        "A session of yours was used twice.",
    ),
    "PASSWORD_CHANGED": ("Sua senha foi alterada.", "Your password was changed."),
    "PASSWORD_RESET": ("Sua senha foi redefinida por e-mail.", "Your password was reset by e-mail."),
    "EMAIL_CHANGE_REQUESTED": ("Foi pedida a troca do seu e-mail.", "A change of your e-mail was requested."),
    "EMAIL_CHANGED": ("O e-mail da sua conta foi trocado.", "Your account's e-mail was changed."),
    "TOTP_ENABLED": ("A verificação em duas etapas foi ativada.", "The second factor was switched on."),
    "TOTP_DISABLED": ("A verificação em duas etapas foi desativada.", "The second factor was switched off."),
    "RECOVERY_CODE_USED": ("Um código de recuperação foi usado.", "A recovery code was used."),
    "REPRESENTATIVES_CHANGED": (
        "Mudou quem pode agir pela empresa.",
        "Who may act for the company has changed.",
    ),
    "CHANGE_DISOWNED": (
        "Você nos disse que não foi você: encerramos todas as sessões e nada sai da carteira por um dia.",
        "You told us that it was not you: we ended all sessions, and nothing leaves the wallet for a day.",
    ),
}
UNKNOWN_ALERT = ("Notamos algo incomum na sua conta.", "Something unusual happened in your account.")
"""For kinds of alert that accounts learns to raise before we learn their words."""

UNKNOWN_TEXT = ("um texto da plataforma", "a text of the platform")
"""For purposes that accounts learns to ask for before we learn their words."""


def reader_values(payload: EventPayload, language: Language) -> dict[str, Any]:
    """The payload's values as a reader of *language* sees them."""
    values = {name: _for_reader(name, value, language) for name, value in payload}
    said = _PLACES[language]
    if isinstance(payload, heard.SecurityAlert):
        values["kind"] = SECURITY_ALERTS.get(payload.kind, UNKNOWN_ALERT)[said]
    if isinstance(payload, heard.ConsentAsked):
        values["text"] = CONSENT_TEXTS_IN_WORDS.get(payload.purpose, UNKNOWN_TEXT)[said]
    if "quota_count" in values:
        values["quotas"] = quota_words(values["quota_count"])[said]
    if type(payload) in REASONS:
        values["why"] = reason_words(type(payload), values["reason"])[said]
    return values


_PLACES = {Language.PORTUGUESE: 0, Language.ENGLISH: 1}
"""Where the words of each language stand in a pair."""


def _for_reader(name: str, value: Any, language: Language) -> Any:
    is_portuguese = language is Language.PORTUGUESE
    if name.endswith("_minor") and isinstance(value, int):
        return format_brl(value) if is_portuguese else format_brl_in_english(value)
    if isinstance(value, datetime):
        value = business_date(value)
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y") if is_portuguese else value.isoformat()
    return str(value) if isinstance(value, UUID) else value
