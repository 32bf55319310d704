"""Which cases a run of the differential tests is to try."""

from collections.abc import Sequence
from dataclasses import dataclass

SEED_IN_SUITE = 1


@dataclass(frozen=True)
class Cases:
    """A seed, and what was asked for with options."""

    seed: int
    fuzz: int | None
    """How many cases, instead of those of the suite."""
    case: int | None
    """The only one."""

    def numbers(self, in_suite: int, *, one_in: int = 1) -> Sequence[int]:
        """The cases to try: of those to fuzz *one_in* so many, where a case is dear, or there are many such tests."""
        if self.case is not None:
            return [self.case]
        return range(in_suite if self.fuzz is None else self.fuzz // one_in)

    def replay(self, test: str, case: int) -> str:
        """The command that runs *case* of *test*, a file of this folder and more, again."""
        return f"pytest tests/router/differential/{test} --seed {self.seed} --case {case}"
