"""
A bureau for demos and tests: takes its time, always says the same of the same person, and misbehaves on demand.

Persons nobody has said anything about come out creditworthy: their score lies between 650 and 900, by a digest of
their CPF (or their id). `set_profile` makes somebody excellent or poor; `misbehave` breaks the next answers.
"""

import asyncio
import hashlib
from collections import deque
from enum import StrEnum

from subgraphs.credit.ports.bureau import BureauReport, BureauSubject, BureauUnavailable
from subgraphs.shared.clock import Clock


class Profile(StrEnum):
    """Kinds of person, to choose from."""

    EXCELLENT = "excellent"
    POOR = "poor"
    INDEBTED = "indebted"


class Misbehaviour(StrEnum):
    """Ways in which a bureau fails."""

    UNAVAILABLE = "unavailable"
    """Answers with an error."""
    SILENT = "silent"
    """Never answers."""


_PROFILES = {
    Profile.EXCELLENT: {"score": 950, "negative_records": 0, "open_debt_minor": 0, "years_active": 15},
    Profile.POOR: {"score": 280, "negative_records": 3, "open_debt_minor": 9_000_000, "years_active": 1},
    Profile.INDEBTED: {"score": 610, "negative_records": 1, "open_debt_minor": 40_000_000, "years_active": 6},
}


class SandboxBureau:
    """A `Bureau` without a person or a company behind it."""

    def __init__(self, clock: Clock, *, latency_seconds: float = 0.2) -> None:
        self._clock = clock
        self._latency_seconds = latency_seconds
        self._profiles: dict[str, Profile] = {}
        self._misbehaviours: deque[Misbehaviour] = deque()
        self.asked = 0
        """How often it was asked, failures included."""

    def set_profile(self, subject: str, profile: Profile) -> None:
        """From now on *subject*, a CPF, a CNPJ or a user's id, is of this kind."""
        self._profiles[subject] = profile

    def misbehave(self, misbehaviour: Misbehaviour, *, times: int = 1) -> None:
        """Fail the next *times* questions."""
        self._misbehaviours.extend([misbehaviour] * times)

    async def report(self, subject: BureauSubject) -> BureauReport:
        self.asked += 1
        misbehaviour = self._misbehaviours.popleft() if self._misbehaviours else None
        await asyncio.sleep(self._latency_seconds)
        if misbehaviour is Misbehaviour.SILENT:
            await asyncio.Event().wait()
        if misbehaviour is Misbehaviour.UNAVAILABLE:
            raise BureauUnavailable("the bureau answered 503")
        key = subject.tax_id or str(subject.user_id)
        digest = hashlib.sha256(key.encode()).digest()
        known = self._known(subject) or {
            "score": 650 + int.from_bytes(digest[:2]) % 251,
            "negative_records": 0,
            "open_debt_minor": int.from_bytes(digest[2:4]) % 21 * 100_000,
            "years_active": 3 + digest[4] % 15,
        }
        return BureauReport(
            bureau="sandbox",
            reference=digest.hex()[:16],
            about_cpf=subject.tax_id is not None,
            reported_at=self._clock.now(),
            **known,
        )

    def _known(self, subject: BureauSubject) -> dict[str, int] | None:
        for key in (subject.tax_id, str(subject.user_id)):
            if key is not None and key in self._profiles:
                return _PROFILES[self._profiles[key]]
        return None
