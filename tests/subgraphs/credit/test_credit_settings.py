"""What each setting of credit changes, with values on both sides of its figure."""

import pytest

from subgraphs.credit.main import create_subgraph
from subgraphs.credit.ports.bureau import BureauUnavailable
from subgraphs.credit.ports.sandbox_bureau import Misbehaviour
from tests.builders.deliveries import recorded
from tests.builders.jobs import run_job
from tests.subgraphs.credit.credit_builders import Credit
from tests.subgraphs.credit.test_credit_jobs import JOB
from tests.subgraphs.credit.test_scoring import a_new_document


@pytest.mark.parametrize("attempts", [1, 2])
async def test_the_bureau_is_asked_as_often_as_set(credit: Credit, attempts: int) -> None:
    credit.subgraph.services.settings.bureau_attempts = attempts
    credit.bureau.misbehave(Misbehaviour.UNAVAILABLE, times=2)
    with pytest.raises(BureauUnavailable):
        await credit.scored_request()
    assert credit.bureau.asked == attempts


async def test_a_report_is_fresh_as_long_as_set(credit: Credit) -> None:
    credit.subgraph.services.settings.bureau_report_fresh_hours = 2
    request_id = await credit.scored_request()
    asked = []
    for minutes in (119, 1):
        credit.clock.advance(minutes=minutes)
        await a_new_document(credit, request_id)
        asked.append(credit.bureau.asked)
    assert asked == [1, 2]


async def test_a_score_is_waited_for_as_long_as_set(credit: Credit) -> None:
    credit.subgraph.services.settings.scoring_patience_seconds = 60
    await credit.request()
    asked_again = []
    for seconds in (60, 1):
        credit.clock.advance(seconds=seconds)
        await run_job(credit.subgraph, JOB)
        asked_again.append(len(await recorded(credit.subgraph, "scoring_overdue")))
    assert asked_again == [0, 1]


async def test_its_job_runs_as_often_as_set(credit: Credit) -> None:
    settings = credit.subgraph.services.settings.model_copy(update={"jobs_every_seconds": 7.0})
    other = create_subgraph(settings, verifier=credit.subgraph.verifier, people=credit.people)
    assert [job.every_seconds for job in other.jobs] == [7.0]
    await other.close()
