"""
The router over random subgraphs gives the same answers as one plain schema over the same data.

    pytest tests/router/differential                          a few hundred cases, always the same
    pytest tests/router/differential --fuzz 5000              that many on a fresh seed, which is printed
    pytest tests/router/differential --seed 7 --case 1234     one of them again
"""

import asyncio
import random
from collections.abc import Callable, Iterable

import pytest

from tests.router.differential.findings import Findings
from tests.router.differential.make_operation import make_operation
from tests.router.differential.run_case import Bench

CASES_IN_SUITE = 300
SEED_IN_SUITE = 1
CASES_PER_WORLD = 10
CASES_PER_REPORT = 500

Tell = Callable[[str], None]


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

    def tell(text: str) -> None:
        if count is not None:
            with capsys.disabled():
                print(text, flush=True)  # noqa: T201  # to be seen while it runs

    tell(f"\nseed {seed}, {count} cases")
    findings = Findings(seed)
    try:
        await _run(seed, range(count or CASES_IN_SUITE) if case is None else [case], findings, tell)
    except BaseException:
        tell(str(findings))
        raise
    if findings:
        pytest.fail(str(findings), pytrace=False)


async def _run(seed: int, cases: Iterable[int], findings: Findings, tell: Tell) -> None:
    bench: Bench | None = None
    for case in cases:
        world_seed = seed * 1_000_000 + case // CASES_PER_WORLD
        if bench is None or bench.world.seed != world_seed:
            if bench is not None:
                await bench.close()
            bench = Bench(world_seed)
        operation = make_operation(bench.schema, f"{seed} {case}")
        answers = await bench.run(operation)
        if answers.problems:
            await findings.add(case, bench, operation, answers.problems)
        if (case + 1) % CASES_PER_REPORT == 0:
            tell(f"{case + 1} cases, {len(findings)} fail")
        await asyncio.sleep(0)
    if bench is not None:
        await bench.close()
