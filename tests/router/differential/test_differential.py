"""
The router over random subgraphs gives the same answers as one plain schema over the same data.

    pytest tests/router/differential                                          a few hundred cases, always the same
    pytest tests/router/differential --fuzz 5000                              that many on a fresh seed, which it tells
    pytest tests/router/differential/test_differential.py --seed 7 --case 9   one of them again
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest

from tests.router.differential.cases import Cases
from tests.router.differential.findings import Findings
from tests.router.differential.make_operation import make_operation
from tests.router.differential.run_case import Bench

CASES_IN_SUITE = 300
CASES_PER_WORLD = 10
CASES_PER_REPORT = 500

Tell = Callable[[str], None]


@pytest.mark.timeout(0)
async def test_the_router_answers_like_one_plain_schema(cases: Cases, capsys: pytest.CaptureFixture[str]) -> None:
    def tell(text: str) -> None:
        if cases.fuzz is not None:
            with capsys.disabled():
                print(text, flush=True)  # noqa: T201  # to be seen while it runs

    tell(f"\nseed {cases.seed}, {cases.fuzz} cases")
    findings = Findings(partial(cases.replay, Path(__file__).name))
    try:
        await _run(cases.seed, cases.numbers(CASES_IN_SUITE), findings, tell)
    except BaseException:
        tell(str(findings))
        raise
    if findings:
        pytest.fail(str(findings), pytrace=False)


async def _run(seed: int, numbers: Iterable[int], findings: Findings, tell: Tell) -> None:
    bench: Bench | None = None
    for case in numbers:
        world_seed = seed * 1_000_000 + case // CASES_PER_WORLD
        if bench is None or bench.world.seed != world_seed:
            if bench is not None:
                await bench.close()
            bench = Bench.drawn(world_seed)
        operation = make_operation(bench.schema, f"{seed} {case}")
        answers = await bench.run(operation)
        if answers.problems:
            await findings.add(case, bench, operation, answers.problems)
        if (case + 1) % CASES_PER_REPORT == 0:
            tell(f"{case + 1} cases, {len(findings)} fail")
        await asyncio.sleep(0)
    if bench is not None:
        await bench.close()
