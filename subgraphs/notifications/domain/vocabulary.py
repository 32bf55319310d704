"""Kinds of notification, the ways they go out, and what of both people may switch on and off."""

from enum import StrEnum


class Category(StrEnum):
    """Kinds of notification, as preferences name them."""

    ACCOUNT = "ACCOUNT"
    """Identity checks, and what becomes of the account."""
    SECURITY = "SECURITY"
    """Sign-ins, passwords and ways for money to leave: what somebody else may have done."""
    CREDIT_REQUEST = "CREDIT_REQUEST"
    """Requests for credit, and the CPR on its way to investors."""
    FUNDING = "FUNDING"
    """How a CPR's funding goes on."""
    INSTALLMENT = "INSTALLMENT"
    """Installments that fall due, are paid, or are late."""
    DEPOSIT = "DEPOSIT"
    """Money that comes in."""
    WITHDRAWAL = "WITHDRAWAL"
    """Money that goes out."""
    INVESTMENT = "INVESTMENT"
    """Investments, and quotas bought and sold."""
    PAYOUT = "PAYOUT"
    """Parts of paid installments."""


class Channel(StrEnum):
    """Ways out of the app. The inbox in the app is no channel: it always has everything."""

    EMAIL = "EMAIL"
    """To the account's confirmed e-mail."""
    PUSH = "PUSH"
    """To the app on the person's devices."""
    SMS = "SMS"
    """To a telephone that is known to be the person's; it costs money, so only what cannot wait unless asked for."""


class Language(StrEnum):
    """What people read. The inbox has both; what goes out is in the one they chose."""

    PORTUGUESE = "PORTUGUESE"
    """Brazilian Portuguese."""
    ENGLISH = "ENGLISH"
    """English, for who does not read Portuguese."""


class Platform(StrEnum):
    """What a device is, and so which provider reaches it."""

    ANDROID = "ANDROID"
    """An app, by Firebase."""
    IOS = "IOS"
    """An app, by Apple."""
    WEB = "WEB"
    """A browser, by Web Push."""


ALWAYS_SENT = frozenset({(Category.SECURITY, Channel.EMAIL)})
"""What cannot be switched off: whoever takes an account over must not be able to silence it."""

SENT_BY_ACCOUNTS = frozenset({(Category.SECURITY, Channel.EMAIL)})
"""What accounts mails itself, with a link that stops it and that nobody else may know."""

OFF_BY_DEFAULT = frozenset({(Category.FUNDING, Channel.EMAIL), (Category.PAYOUT, Channel.EMAIL)})
"""Frequent good news goes to the telephone, not to the mailbox, unless asked for."""


def enabled_by_default(category: Category, channel: Channel) -> bool:
    if channel is Channel.SMS:
        return category is Category.SECURITY
    return (category, channel) not in OFF_BY_DEFAULT
