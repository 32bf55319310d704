"""Who compares a selfie with a document."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Finding(StrEnum):
    PASSED = "PASSED"
    FAILED = "FAILED"
    UNSURE = "UNSURE"
    """A person has to look."""


@dataclass(frozen=True, slots=True)
class File:
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a check is about."""

    check_id: UUID
    """The same on every repetition."""
    full_name: str
    cpf: str = field(repr=False)
    document: File
    selfie: File


@dataclass(frozen=True, slots=True)
class Verdict:
    finding: Finding
    reason: str = ""
    """In Portuguese, for the person; for FAILED and UNSURE."""


class IdentityVerifier(Protocol):
    async def verify(self, evidence: Evidence) -> Verdict:
        """What the verifier finds. Raises when it cannot be asked; then it is asked again later."""
        ...
