"""The registry: a financial market infrastructure that registers CPRs (B3, CERC)."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class RegistryOrder:
    """A signed CPR to be registered."""

    reference: UUID
    """Ours; the registry's answer names it."""
    number: str
    document: str
    principal_minor: int
    issued_on: date | None
    region: str
    municipality: str


class Registry(Protocol):
    async def request_registration(self, order: RegistryOrder) -> None:
        """
        Hand over an order; the answer comes to `POST /webhooks/registry`.

        The same order again is harmless: a registry that has answered it answers it again. Raises
        ProviderUnavailable.
        """
        ...
