"""An offering that cannot be worked on holds up no other."""

from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from subgraphs.marketplace.api import jobs
from subgraphs.marketplace.api.jobs import CHECK, CLOSE
from subgraphs.marketplace.domain import offerings
from tests.builders.jobs import failures_of, run_job
from tests.subgraphs.marketplace.market import MARINA, Market


async def test_one_that_fails_holds_up_no_other(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [await market.open_offering() for _ in range(2)]
    for offering in (first, second):
        await market.confirmed(offering, 60, who=MARINA)
    market.clock.advance(days=30)
    expire, failed = offerings.expire, failures_of(CLOSE)
    with monkeypatch.context() as broken:

        async def expire_all_but_one(session: Any, offering_id: Any, *, now: Any) -> None:
            if offering_id == first.id:
                raise ValueError("not this one")
            await expire(session, offering_id, now=now)

        broken.setattr(offerings, "expire", expire_all_but_one)
        await run_job(market.subgraph, CLOSE)
    statuses = [(await market.offering(offering))["status"] for offering in (first, second)]
    assert statuses == ["OPEN", "EXPIRED_WAITING"]
    assert failures_of(CLOSE) == failed + 1
    await run_job(market.subgraph, CLOSE)
    assert (await market.offering(first))["status"] == "EXPIRED_WAITING"


async def test_counters_that_are_not_what_investments_add_up_to_are_found(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHECKED_AT_ONCE", 2)
    right, wrong, empty = [await market.open_offering() for _ in range(3)]
    await market.confirmed(right, 5)
    await market.confirmed(wrong, 5)
    await market.invest(wrong, 3)
    await run_job(market.subgraph, CHECK)
    assert REGISTRY.get_sample_value("peerseed_offerings_wrong") == 0
    await market.sql("ALTER TABLE offerings DISABLE TRIGGER USER")
    await market.sql("UPDATE offerings SET funded_quotas = 4 WHERE id = :id", id=wrong.id)
    await market.sql("UPDATE offerings SET reserved_quotas = 1 WHERE id = :id", id=empty.id)
    await market.sql("ALTER TABLE offerings ENABLE TRIGGER USER")
    with capture_logs() as logs:
        await run_job(market.subgraph, CHECK)
    assert REGISTRY.get_sample_value("peerseed_offerings_wrong") == 2
    assert [set(line["offerings"]) for line in logs] == [{str(wrong.id), str(empty.id)}]
