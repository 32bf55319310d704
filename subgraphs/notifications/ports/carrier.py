"""The port to whoever carries messages out of the app: an e-mail, a push or an SMS provider."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class OutgoingMessage:
    """One message for one person."""

    id: UUID
    """The same on every attempt: a provider that keeps it carries the message once."""
    address: str
    """An e-mail address, a phone number in E.164, or, for a push message, the device's token."""
    category: str
    language: str
    title: str
    """An e-mail's subject; empty for an SMS."""
    body: str
    link: str
    """Where it leads: an address in an e-mail, a path in the app for a push message, nothing in an SMS."""


class CarrierFailed(Exception):
    """The message was not taken; it is tried again."""


class AddressGone(CarrierFailed):
    """Nobody is at this address, and nobody will be: an app was removed, a mailbox closed. It is not tried again."""


class Carrier(Protocol):
    async def carry(self, message: OutgoingMessage) -> None:
        """Hand *message* over. Raises CarrierFailed, and AddressGone where there is nobody for good."""
        ...
