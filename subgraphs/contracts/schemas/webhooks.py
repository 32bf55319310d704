"""What providers send us."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from subgraphs.shared.instants import WireInstant

Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ProviderMessage(BaseModel):
    """What every provider's message says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: Annotated[str, StringConstraints(min_length=8, max_length=100)]
    """The same in every copy of the message."""
    reference: UUID
    """Our order's id."""
    occurred_at: WireInstant
    reason: Text | None = None
    """Why it was refused."""


class SignatureMessage(ProviderMessage):
    """From the signature provider."""

    status: Literal["received", "signed", "refused"]
    document_digest: Text | None = None
    """What was signed."""
    signature: Text | None = None
    certificate: Text | None = None
    """The signer's certificate by subject and serial number."""

    @model_validator(mode="after")
    def _says_what_was_signed(self) -> Self:
        if self.status == "signed" and self.document_digest is None:
            raise ValueError("a signed document needs its document_digest")
        return self


class RegistryMessage(ProviderMessage):
    """From the registry."""

    status: Literal["received", "registered", "refused"]
    registry: Text | None = None
    registration_number: Text | None = None

    @model_validator(mode="after")
    def _says_where_it_is_registered(self) -> Self:
        if self.status == "registered" and not (self.registry and self.registration_number):
            raise ValueError("a registration needs its registry and registration_number")
        return self
