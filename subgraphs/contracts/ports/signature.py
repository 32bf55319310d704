"""
The signature provider: signs a document with the farmer's ICP-Brasil certificate (MP 2.200-2/2001).

A person signs with an e-CPF, a company with its e-CNPJ, whose holder answers for the company.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class SignatureOrder:
    """A document to be signed, and by whom."""

    reference: UUID
    """Ours; the provider's answer names it."""
    document: str
    document_digest: str
    signer_id: UUID
    signer_name: str | None
    """Of a company its legal name."""
    signer_tax_id: str | None
    """CPF or CNPJ."""


class SignatureProvider(Protocol):
    async def request_signature(self, order: SignatureOrder) -> None:
        """
        Hand over an order; the answer comes to `POST /webhooks/signature`.

        The same order again is harmless: a provider that has answered it answers it again. Raises
        ProviderUnavailable.
        """
        ...
