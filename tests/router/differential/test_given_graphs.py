"""
The same on supergraphs written by hand, each for something that is rarely drawn.

    pytest tests/router/differential/test_given_graphs.py --fuzz 5000 --seed 7
"""

from pathlib import Path

import pytest

from tests.router.differential.findings import Findings
from tests.router.differential.make_operation import make_operation
from tests.router.differential.run_case import Bench

GRAPHS = Path(__file__).parent / "graphs"
CASES_IN_SUITE = 20
SEED_IN_SUITE = 1


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(path.stem for path in GRAPHS.glob("*.graphql")))
async def test_the_router_answers_like_one_plain_schema(name: str, request: pytest.FixtureRequest) -> None:
    count = request.config.getoption("--fuzz", default=None)
    seed = request.config.getoption("--seed", default=None) or SEED_IN_SUITE
    bench = Bench.given((GRAPHS / f"{name}.graphql").read_text(), seed)
    findings = Findings(seed)
    for case in range(CASES_IN_SUITE if count is None else count // 20):
        operation = make_operation(bench.schema, f"{name} {seed} {case}")
        answers = await bench.run(operation)
        if answers.problems:
            await findings.add(case, bench, operation, answers.problems)
    await bench.close()
    if findings:
        pytest.fail(str(findings), pytrace=False)
