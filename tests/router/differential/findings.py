"""What a run of many cases found: counted by kind, the first few of each kind made small and written out."""

from collections.abc import Callable, Collection

from tests.router.differential.make_operation import Operation
from tests.router.differential.run_case import Answers, Bench
from tests.router.differential.shrink_operation import shrink_operation

WRITTEN_PER_KIND = 3
"""Making an operation small takes some hundred runs; more of a kind say little more."""

Kind = frozenset[str]


class Findings:
    """All findings of one test."""

    def __init__(self, replay: Callable[[int], str]) -> None:
        """*replay* gives the command that runs a case again."""
        self._replay = replay
        self._cases: dict[Kind, list[int]] = {}
        self._reports: list[str] = []

    def __len__(self) -> int:
        return sum(map(len, self._cases.values()))

    async def add(self, case: int, bench: Bench, operation: Operation, problems: Collection[str]) -> None:
        """Note that *operation*, which is *case*, has *problems*."""
        kind = kind_of(problems)
        cases = self._cases.setdefault(kind, [])
        cases.append(case)
        if len(cases) <= WRITTEN_PER_KIND:
            small, answers = await _smallest(bench, operation, kind)
            self._reports.append(_written(bench, small, answers, self._replay(case)))

    def __str__(self) -> str:
        counts = [f"{len(cases):>5}  {' / '.join(sorted(kind))}: {cases}" for kind, cases in self._cases.items()]
        return "\n\n\n".join([f"{len(self)} cases fail, by kind:\n" + "\n".join(counts), *self._reports])


def kind_of(problems: Collection[str]) -> Kind:
    """What is alike in problems of one kind: the first words, without names and values."""
    return frozenset(" ".join(problem.split()[:4]) for problem in problems)


async def _smallest(bench: Bench, operation: Operation, kind: Kind) -> tuple[Operation, Answers]:
    async def still_fails(candidate: Operation) -> bool:
        return bool(kind & kind_of((await bench.run(candidate)).problems))

    small = await shrink_operation(bench.schema, operation, still_fails)
    return small, await bench.run(small)


def _written(bench: Bench, operation: Operation, answers: Answers, replay: str) -> str:
    return "\n\n".join(
        [
            replay,
            "\n".join(answers.problems),
            bench.supergraph[bench.supergraph.index("enum join__Graph") :],
            f"{operation.text}\n{operation.variables}",
            bench.plan(operation),
            f"expected {answers.expected}",
            f"actual   {answers.actual}",
        ]
    )
