"""Jobs of a subgraph, run by hand, and what they could not do."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.event import EventPayload
from subgraphs.shared.subgraph import Subgraph


async def run_job(subgraph: Subgraph, name: str) -> None:
    (job,) = [job for job in subgraph.jobs if job.name == name]
    await job.run()


def failures_of(job: str) -> float:
    """How many things that were due it could not do so far."""
    return REGISTRY.get_sample_value("peerseed_job_failures_total", {"job": job}) or 0.0


def break_facts(monkeypatch: pytest.MonkeyPatch, is_broken: Callable[[EventPayload], bool]) -> None:
    """Facts that *is_broken* says so of cannot be recorded: what they are of cannot be done."""
    record = outbox.record

    def refuse(session: Any, payload: EventPayload, **when: Any) -> None:
        if is_broken(payload):
            raise ValueError(f"{type(payload).__name__} cannot be recorded")
        record(session, payload, **when)

    monkeypatch.setattr(outbox, "record", refuse)
