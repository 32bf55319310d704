"""What time itself calls for."""

from datetime import timedelta

from subgraphs.credit.core.services import Services
from subgraphs.credit.domain import scoring
from subgraphs.shared.jobs import Job


def build_jobs(services: Services) -> list[Job]:
    async def ask_again_for_overdue_scores() -> None:
        now = services.clock.now()
        since = now - timedelta(seconds=services.settings.scoring_patience_seconds)
        async with services.database.begin() as session:
            await scoring.ask_again_for_overdue_scores(session, since=since, now=now)

    every = services.settings.jobs_every_seconds
    return [Job("ask_again_for_overdue_scores", every, ask_again_for_overdue_scores)]
