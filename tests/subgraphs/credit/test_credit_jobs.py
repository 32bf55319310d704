"""A score that cannot be asked for again holds up no other."""

import pytest

from subgraphs.credit.schemas import events
from tests.builders.deliveries import recorded
from tests.builders.jobs import break_facts, failures_of, run_job
from tests.subgraphs.credit.credit_builders import MARINA, SERGIO, Credit

JOB = "ask_again_for_overdue_scores"


async def test_one_that_cannot_be_asked_for_again_holds_up_no_other(credit: Credit) -> None:
    credit.scopes[MARINA] = ("farmer",)
    ids = {who: (await credit.request(who))["id"] for who in (SERGIO, MARINA)}
    credit.clock.advance(seconds=901)
    failed = failures_of(JOB)
    with pytest.MonkeyPatch.context() as broken:
        break_facts(broken, lambda fact: isinstance(fact, events.ScoringOverdue) and fact.farmer_id == SERGIO)
        await run_job(credit.subgraph, JOB)
    assert [told["credit_request_id"] for told in await recorded(credit.subgraph, "scoring_overdue")] == [ids[MARINA]]
    assert failures_of(JOB) == failed + 1
    await run_job(credit.subgraph, JOB)
    asked = [told["credit_request_id"] for told in await recorded(credit.subgraph, "scoring_overdue")]
    assert asked == [ids[MARINA], ids[SERGIO]]
