"""
The router over random subgraphs gives the same answers as one plain schema over the same data.

    pytest tests/router/differential                          a few hundred cases, always the same
    pytest tests/router/differential --fuzz 5000              that many on a fresh seed, which is printed
    pytest tests/router/differential --seed 7 --case 1234     one of them again
"""

import asyncio
import random

import pytest

from tests.router.differential.make_operation import Operation, make_operation
from tests.router.differential.run_case import Answers, Bench
from tests.router.differential.shrink_operation import shrink_operation

CASES_IN_SUITE = 300
SEED_IN_SUITE = 1
CASES_PER_WORLD = 10


@pytest.mark.timeout(0)
async def test_the_router_answers_like_one_plain_schema(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    options = request.config
    count = options.getoption("--fuzz", default=None)
    seed = options.getoption("--seed", default=None)
    case = options.getoption("--case", default=None)
    if seed is None:
        seed = SEED_IN_SUITE if count is None else random.randrange(1_000_000)
    with capsys.disabled():
        if count is not None:
            print(f"\nseed {seed}, {count} cases")  # noqa: T201  # to be seen while it runs
        cases = range(count or CASES_IN_SUITE) if case is None else [case]
        await _run(seed, cases)


async def _run(seed: int, cases: range | list[int]) -> None:
    bench: Bench | None = None
    try:
        for case in cases:
            world_seed = seed * 1_000_000 + case // CASES_PER_WORLD
            if bench is None or bench.world.seed != world_seed:
                if bench is not None:
                    await bench.close()
                bench = Bench(world_seed)
            operation = make_operation(bench.schema, f"{seed} {case}")
            answers = await bench.run(operation)
            if answers.problems:
                pytest.fail(await _report(bench, operation, answers, f"--seed {seed} --case {case}"), pytrace=False)
            await asyncio.sleep(0)
    finally:
        if bench is not None:
            await bench.close()


async def _report(bench: Bench, operation: Operation, answers: Answers, replay: str) -> str:
    kinds = {_kind(problem) for problem in answers.problems}

    async def still_fails(candidate: Operation) -> bool:
        return bool(kinds & {_kind(problem) for problem in (await bench.run(candidate)).problems})

    small = await shrink_operation(bench.schema, operation, still_fails)
    answers = await bench.run(small)
    return "\n\n".join(
        [
            f"pytest tests/router/differential {replay}",
            "\n".join(answers.problems),
            bench.supergraph[bench.supergraph.index("enum join__Graph") :],
            f"{small.text}\n{small.variables}",
            bench.plan(small),
            f"expected {answers.expected}",
            f"actual   {answers.actual}",
        ]
    )


def _kind(problem: str) -> str:
    """What is alike in problems of one kind: the first words, without names and values."""
    return " ".join(problem.split()[:4])
