"""What time itself calls for: deadlines of offerings, and holds that never come."""

from subgraphs.marketplace.core.settings import MarketplaceSettings
from subgraphs.marketplace.crud import investments as investment_rows
from subgraphs.marketplace.crud import offerings as offering_rows
from subgraphs.marketplace.domain import investments, offerings
from subgraphs.marketplace.domain.rules import get_rules
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.jobs import Job


async def close_past_deadline(database: Database, clock: Clock) -> None:
    """
    Let the farmers of offerings past their deadline decide, and cancel those that were not decided in time.

    Each offering is its own transaction under its own lock, and looked at again there; so several processes may do
    this at once, and one bad offering holds up no other.
    """
    at = clock.now()
    async with database.read() as session:
        past_deadline = await offering_rows.list_past_deadline(session, at)
    for offering_id in past_deadline:
        async with database.begin() as session:
            await offerings.expire(session, offering_id, at)
    async with database.read() as session:
        undecided = await offering_rows.list_undecided(session, at)
    for offering_id in undecided:
        async with database.begin() as session:
            await offerings.lapse(session, offering_id, at)


async def refuse_unanswered(database: Database, clock: Clock) -> None:
    """Refuse investments that have waited too long for the wallet, offering by offering."""
    at = clock.now()
    async with database.read() as session:
        rules = await get_rules(session, at)
        waiting = await investment_rows.list_offerings_with_overdue_holds(session, at - rules.hold_timeout)
    for offering_id in waiting:
        async with database.begin() as session:
            await investments.time_out(session, offering_id, at)


def build_jobs(database: Database, clock: Clock, settings: MarketplaceSettings) -> list[Job]:
    return [
        Job(
            "marketplace.close_past_deadline",
            settings.deadline_job_seconds,
            lambda: close_past_deadline(database, clock),
        ),
        Job(
            "marketplace.refuse_unanswered",
            settings.hold_timeout_job_seconds,
            lambda: refuse_unanswered(database, clock),
        ),
    ]
