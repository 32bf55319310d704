"""
The same on supergraphs written by hand, each for something that is rarely drawn.

    pytest tests/router/differential/test_given_graphs.py -k names --seed 7 --case 9
"""

from functools import partial
from pathlib import Path

import pytest

from tests.router.differential.cases import Cases
from tests.router.differential.findings import Findings
from tests.router.differential.make_operation import make_operation
from tests.router.differential.run_case import Bench

GRAPHS = Path(__file__).parent / "graphs"
CASES_IN_SUITE = 20


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(path.stem for path in GRAPHS.glob("*.graphql")))
async def test_the_router_answers_like_one_plain_schema(name: str, cases: Cases) -> None:
    bench = Bench.given((GRAPHS / f"{name}.graphql").read_text(), cases.seed)
    findings = Findings(partial(cases.replay, f"{Path(__file__).name} -k {name}"))
    for case in cases.numbers(CASES_IN_SUITE, one_in=20):
        operation = make_operation(bench.schema, f"{name} {cases.seed} {case}")
        answers = await bench.run(operation)
        if answers.problems:
            await findings.add(case, bench, operation, answers.problems)
    await bench.close()
    if findings:
        pytest.fail(str(findings), pytrace=False)
