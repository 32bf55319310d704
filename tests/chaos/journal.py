"""What people were answered: what they may rely on, and what the judgement holds the product to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Journal:
    """Grows while a plan is played."""

    accepted: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By type and id of the thing that came out, how many mutations were answered with it."""
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By mutation and refusal."""
    contradictions: list[str] = field(default_factory=list)
    """Answers to one request under one key that differ."""
    faults: Counter[str] = field(default_factory=Counter)
    mutation_count: int = 0
    """Requests that were answered, whatever the answer; what was sent three times at once is three."""

    def note(self, mutation: str, answers: Sequence[dict[str, Any]]) -> None:
        """Take the *answers* to one request, however often it was sent."""
        self.mutation_count += len(answers)
        told = {(answer["__typename"], *_ids(answer)): answer for answer in answers}
        if len(told) > 1:
            self.contradictions.append(f"{mutation} under one key was answered by {sorted(told)}")
        for answer in told.values():
            if "code" in answer:
                self.refused[mutation, answer["__typename"]] += 1
                continue
            for id_ in _ids(answer):
                self.accepted["InstallmentPayment" if "payments" in answer else answer["__typename"], id_] += 1

    def __str__(self) -> str:
        """What was reached: things by type, refusals by name."""
        things = Counter(typename for typename, _ in self.accepted.elements())
        refusals: Counter[str] = Counter()
        for (mutation, refusal), times in self.refused.items():
            refusals[f"{mutation} {refusal}"] += times
        faults = ", ".join(f"{times} × {what}" for what, times in sorted(self.faults.items()))
        return f"accepted: {_listed(things)}; refused: {_listed(refusals)}; faults: {faults or 'none'}"

    def ids(self, typename: str) -> set[str]:
        """Of everything of a type that people were told is there."""
        return {id_ for known, id_ in self.accepted if known == typename}


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items())) or "nothing"


def _ids(answer: dict[str, Any]) -> list[str]:
    """Of what came out; a settlement has no id but those of its payments."""
    return [str(one["id"]) for one in answer.get("payments", [answer]) if "id" in one]
