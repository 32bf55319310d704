"""The port to whoever carries messages out of the app: an e-mail or a push provider."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class OutgoingMessage:
    """One message for one person."""

    id: UUID
    """The same on every attempt: a provider that keeps it carries the message once."""
    address: str
    title: str
    body: str


class CarrierFailed(Exception):
    """The message was not taken; it is tried again."""


class Carrier(Protocol):
    async def carry(self, message: OutgoingMessage) -> None:
        """Hand *message* over. Raises CarrierFailed."""
        ...
