"""The credit bureau: what lenders elsewhere have seen of a person or company."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


class BureauUnavailable(Exception):
    """The bureau did not answer, or answered nonsense. Asking again may help."""


@dataclass(frozen=True, kw_only=True)
class BureauSubject:
    """Whom the question is about."""

    user_id: UUID
    tax_id: str | None
    """CPF or CNPJ, the key at a real bureau; None until accounts has verified the identity."""


@dataclass(frozen=True, kw_only=True)
class BureauReport:
    """What the bureau knows."""

    bureau: str
    reference: str
    """The bureau's own number of this report."""
    score: int
    """0 to 1000, the bureau's own."""
    negative_records: int
    """Debts reported as unpaid."""
    open_debt_minor: int
    """Owed elsewhere."""
    years_active: int
    """Since the first rural credit operation on record."""
    about_cpf: bool
    """Whether it was asked for by CPF, or CNPJ; without one it tells little."""
    reported_at: datetime


class Bureau(Protocol):
    async def report(self, subject: BureauSubject) -> BureauReport:
        """The report on *subject*. Raises BureauUnavailable. Asking twice is harmless."""
        ...
