"""Who delivers e-mail and SMS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from subgraphs.accounts.models.vocabulary import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one person."""

    id: UUID
    """The same on every repetition, so that a provider can drop the second."""
    kind: str
    channel: Channel
    to: str
    """An e-mail address, or a phone number in E.164."""
    subject: str
    text: str = field(repr=False)
    text_english: str = field(repr=False)
    data: Mapping[str, str] = field(repr=False)
    """The link or code in the text, on its own."""


class Undeliverable(Exception):
    """There is no such recipient: trying again cannot help."""


class Messenger(Protocol):
    async def deliver(self, message: Message) -> None:
        """
        Return when the provider has taken the message.

        Raises Undeliverable when it never will; anything else is tried again later.
        """
        ...
