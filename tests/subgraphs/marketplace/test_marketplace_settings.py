"""What each setting of the marketplace changes."""

from subgraphs.marketplace.core.settings import MarketplaceSettings
from subgraphs.marketplace.main import create_subgraph
from tests.subgraphs.marketplace.market import Market


async def test_each_job_runs_as_often_as_set(market: Market) -> None:
    settings = MarketplaceSettings(
        database_url=market.subgraph.database.url, deadline_job_seconds=7.0, hold_timeout_job_seconds=9.0
    )
    other = create_subgraph(settings, verifier=market.subgraph.verifier)
    assert {job.name: job.every_seconds for job in other.jobs} == {
        "marketplace.close_past_deadline": 7.0,
        "marketplace.refuse_unanswered": 9.0,
        "marketplace.check_quotas": 86_400.0,
    }
    await other.close()
