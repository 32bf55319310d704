"""
What a notification looks like outside the app: by channel, by category and in the person's language.

What happened is said by the catalogue (`catalogue.py`), in the inbox as everywhere; here it gets what a channel needs
around it:

- an e-mail: a subject that says what kind of news it is, a greeting, the link to what it is about, and why it came;
- a push message: title and text as long as a telephone shows, and the path that a tap opens;
- an SMS: one plain sentence and no link, so that nobody learns to follow links in an SMS that says it is from us.
"""

import unicodedata
from dataclasses import dataclass

from subgraphs.notifications.domain.vocabulary import Category, Channel, Language

PUSH_CHARACTERS_MAX = 178
"""What telephones show of a push message without its being opened."""

SMS_CHARACTERS_MAX = 160
"""One SMS, in the alphabet that every telephone has."""


@dataclass(frozen=True)
class Told:
    """What somebody was told, in one language."""

    category: Category
    language: Language
    title: str
    body: str
    path: str
    """Of what it is about, in the app."""


@dataclass(frozen=True)
class Rendered:
    """What a carrier carries."""

    title: str
    """An e-mail's subject, a push message's title; empty for an SMS."""
    body: str
    link: str
    """Where it leads: an address in an e-mail, a path in the app for a push message, nothing in an SMS."""


@dataclass(frozen=True)
class CategoryWords:
    label: str
    """What kind of news it is."""
    why: str
    """Why it came, at an e-mail's end."""


CATEGORIES: dict[Language, dict[Category, CategoryWords]] = {
    Language.PORTUGUESE: {
        Category.ACCOUNT: CategoryWords("Sua conta", "porque você tem uma conta na Peerseed"),
        Category.SECURITY: CategoryWords("Segurança", "para proteger a sua conta"),
        Category.CREDIT_REQUEST: CategoryWords("Seu pedido de crédito", "porque você pediu crédito"),
        Category.FUNDING: CategoryWords("Sua captação", "porque você tem uma oferta"),
        Category.INSTALLMENT: CategoryWords("Sua CPR", "porque você tem uma CPR"),
        Category.DEPOSIT: CategoryWords("Sua carteira", "porque entrou dinheiro na sua carteira"),
        Category.WITHDRAWAL: CategoryWords("Seu saque", "porque você pediu um saque"),
        Category.INVESTMENT: CategoryWords("Seus investimentos", "porque você investe na Peerseed"),
        Category.PAYOUT: CategoryWords("Seus recebimentos", "porque você investe na Peerseed"),
    },
    Language.ENGLISH: {
        Category.ACCOUNT: CategoryWords("Your account", "because you have an account at Peerseed"),
        Category.SECURITY: CategoryWords("Security", "to protect your account"),
        Category.CREDIT_REQUEST: CategoryWords("Your credit request", "because you asked for credit"),
        Category.FUNDING: CategoryWords("Your funding", "because you have an offering"),
        Category.INSTALLMENT: CategoryWords("Your CPR", "because you have a CPR"),
        Category.DEPOSIT: CategoryWords("Your wallet", "because money came into your wallet"),
        Category.WITHDRAWAL: CategoryWords("Your withdrawal", "because you asked for a withdrawal"),
        Category.INVESTMENT: CategoryWords("Your investments", "because you invest at Peerseed"),
        Category.PAYOUT: CategoryWords("Your payouts", "because you invest at Peerseed"),
    },
}

LETTERS = {
    Language.PORTUGUESE: "Olá,\n\n{body}\n\nVeja em: {link}\n\nVocê recebe este e-mail {why}. O que chega por e-mail, "
    "você escolhe em Preferências.\nPeerseed\n",
    Language.ENGLISH: "Hello,\n\n{body}\n\nSee: {link}\n\nYou get this e-mail {why}. What comes by e-mail is yours to "
    "choose in Preferences.\nPeerseed\n",
}


def render(told: Told, channel: Channel, *, frontend_url: str) -> Rendered:
    """What *told* is over *channel*."""
    match channel:
        case Channel.EMAIL:
            words, link = CATEGORIES[told.language][told.category], frontend_url.rstrip("/") + told.path
            letter = LETTERS[told.language].format(body=told.body, link=link, why=words.why)
            return Rendered(f"{words.label}: {told.title}", letter, link)
        case Channel.PUSH:
            return Rendered(told.title, shortened(told.body, PUSH_CHARACTERS_MAX), told.path)
        case Channel.SMS:
            return Rendered("", shortened(plain(f"Peerseed: {told.body}"), SMS_CHARACTERS_MAX), "")


def plain(text: str) -> str:
    """*text* without accents and signs that would make an SMS of 160 characters one of 70."""
    decomposed = unicodedata.normalize("NFKD", text.replace("…", "..."))
    return "".join(sign for sign in decomposed if sign.isascii())


def shortened(text: str, characters_max: int) -> str:
    """*text*, cut after a word where it is longer than that."""
    if len(text) <= characters_max:
        return text
    return text[: characters_max - 3].rsplit(" ", 1)[0].rstrip(" ,.;:") + "..."
