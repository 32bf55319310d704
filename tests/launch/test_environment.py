"""One figure for both sides: what the router is told is what the subgraph reads."""

import pytest

from launch.databases import DOMAINS
from launch.environment import local_environment
from subgraphs.distribution.core.settings import DistributionSettings
from trevo.config.settings import Settings


def test_the_router_asks_for_as_many_entities_as_a_subgraph_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRIBUTION_REPRESENTATIONS_MAX", "70")
    monkeypatch.setenv("DISTRIBUTION_DATABASE_URL", "postgresql://nowhere")
    monkeypatch.setenv("DISTRIBUTION_PEOPLE_SECRET", "only accounts knows it")
    for name, value in local_environment({}, dict.fromkeys(DOMAINS, "http://127.0.0.1:1")).items():
        monkeypatch.setenv(name, value)
    limits = Settings().limits
    assert limits.representations_per_call_of("distribution") == 70
    assert limits.representations_per_call_of("accounts") == 1_000
    assert DistributionSettings().representations_max == 70  # type: ignore[call-arg]
