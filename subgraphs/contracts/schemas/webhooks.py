"""What providers send us."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ProviderMessage(BaseModel):
    """What every provider's message says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: Annotated[str, StringConstraints(min_length=8, max_length=100)]
    """The same in every copy of the message."""
    reference: UUID
    """Our order's id."""
    occurred_at: datetime
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


class RegistryMessage(ProviderMessage):
    """From the registry."""

    status: Literal["received", "registered", "refused"]
    registry: Text | None = None
    registration_number: Text | None = None
