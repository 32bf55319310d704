"""One figure for both sides: what the router is told is what the subgraph reads."""

import pytest

from launch.databases import DOMAINS
from launch.environment import environment_of, local_environment
from subgraphs.distribution.core.settings import DistributionSettings
from subgraphs.shared.settings import PortSettings
from trevo.config.settings import Settings
from trevo.door.cross_origin import CorsRules


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


def test_pages_that_may_call_are_named_once_for_all_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", '["https://app.example.org"]')
    monkeypatch.setenv("CORS__MAX_AGE_SECONDS", "60")
    for name, value in local_environment({}, dict.fromkeys(DOMAINS, "http://127.0.0.1:1")).items():
        monkeypatch.setenv(name, value)
    router, subgraph = Settings(), PortSettings()
    assert router.cors_origins == subgraph.cors_origins == ("https://app.example.org",)
    assert router.cors == subgraph.cors == CorsRules(max_age_seconds=60)
    assert environment_of("accounts", {"CORS_ORIGINS": "[]"}) == {"CORS_ORIGINS": "[]"}
