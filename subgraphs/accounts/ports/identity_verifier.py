"""Who compares a selfie with a document, and a company with its articles and the revenue service's register."""

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


@dataclass(frozen=True, slots=True)
class Representative:
    """Somebody who says that they act for a company."""

    full_name: str
    cpf: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a check is about."""

    check_id: UUID
    """The same on every repetition."""
    full_name: str
    tax_id: str = field(repr=False)
    """CPF or CNPJ (`subgraphs/shared/tax_ids.py`)."""
    document: File
    """Of a company its articles: contrato or estatuto social, with who may act for it."""
    selfie: File | None
    """None of a company."""
    representatives: tuple[Representative, ...] = ()
    """Of a company: who acts for it here, each of them verified. The register (quadro de sócios) should know them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    finding: Finding
    reason: str = ""
    """In Portuguese, for the person; for FAILED and UNSURE."""


class IdentityVerifier(Protocol):
    async def verify(self, evidence: Evidence) -> Verdict:
        """What the verifier finds. Raises when it cannot be asked; then it is asked again later."""
        ...
