"""What time calls for."""

import structlog

from subgraphs.notifications.core.services import Services
from subgraphs.notifications.domain.dispatching import dispatch_due
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.jobs import Job
from subgraphs.shared.people import PeopleUnavailable

log = structlog.get_logger()


def build_jobs(database: Database, services: Services, clock: Clock) -> list[Job]:
    async def dispatch_notifications() -> None:
        batch = services.settings.dispatch_batch_max
        try:
            while await dispatch_due(database, services, clock) == batch:
                pass
        except PeopleUnavailable as error:
            log.warning("notifications wait for their addresses", error=str(error))

    return [Job("dispatch notifications", services.settings.dispatch_job_seconds, dispatch_notifications)]
