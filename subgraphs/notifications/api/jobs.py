"""What time calls for."""

from subgraphs.notifications.core.services import Services
from subgraphs.notifications.domain.dispatching import dispatch_due
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.jobs import Job


def build_jobs(database: Database, services: Services, clock: Clock) -> list[Job]:
    async def dispatch_notifications() -> None:
        batch = services.settings.dispatch_batch_max
        while await dispatch_due(database, services.carriers, services.settings, clock) == batch:
            pass

    return [Job("dispatch notifications", services.settings.dispatch_job_seconds, dispatch_notifications)]
