"""What time itself calls for: deadlines of offerings, and holds that never come."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace.core.settings import MarketplaceSettings
from subgraphs.marketplace.crud import investments as investment_rows
from subgraphs.marketplace.crud import offerings as offering_rows
from subgraphs.marketplace.domain import investments, offerings
from subgraphs.marketplace.domain.rules import get_rules
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.jobs import Job, one_by_one

log = structlog.get_logger()

CLOSE, REFUSE = "marketplace.close_past_deadline", "marketplace.refuse_unanswered"
CHECK = "marketplace.check_quotas"

CHECK_SECONDS = 86_400.0
CHECKED_AT_ONCE = 500
"""Offerings that one statement adds up, well within the time that a statement has."""
SHOWN_MAX = 20

offerings_wrong = Gauge(
    "peerseed_offerings_wrong",
    "Offerings whose counters were not what their investments add up to when last looked; anything but 0 needs people.",
)

Work = Callable[[AsyncSession, UUID], Awaitable[object]]


async def for_each_offering(job: str, database: Database, offering_ids: Sequence[UUID], work: Work) -> None:
    """
    Do *work* on each offering in a transaction of its own.

    The work locks the offering and looks at it again; so several processes may do this at once.
    """

    async def work_on(offering_id: UUID) -> None:
        async with database.begin(offering_rows.offering_row(offering_id)) as session:
            await work(session, offering_id)

    await one_by_one(job, offering_ids, work_on)


async def close_past_deadline(database: Database, clock: Clock) -> None:
    """Let the farmers of offerings past their deadline decide, and cancel those that were not decided in time."""
    now = clock.now()
    async with database.read() as session:
        past_deadline = await offering_rows.list_past_deadline(session, now)
    await for_each_offering(
        CLOSE, database, past_deadline, lambda session, id_: offerings.expire(session, id_, now=now)
    )
    async with database.read() as session:
        undecided = await offering_rows.list_undecided(session, now)
    await for_each_offering(CLOSE, database, undecided, lambda session, id_: offerings.lapse(session, id_, now=now))


async def refuse_unanswered(database: Database, clock: Clock) -> None:
    """Refuse investments that have waited too long for the wallet, offering by offering."""
    now = clock.now()
    async with database.read() as session:
        rules = await get_rules(session, now=now)
        waiting = await investment_rows.list_offerings_with_overdue_holds(session, now - rules.hold_timeout)
    await for_each_offering(REFUSE, database, waiting, lambda session, id_: investments.time_out(session, id_, now=now))


async def check_quotas(database: Database) -> None:
    """
    Look whether every offering's counters are what its investments add up to.

    Transactions are compared by what they change, which holds only while it held before.
    """
    wrong: list[UUID] = []
    after = UUID(int=0)
    async with database.snapshot() as session:
        while ids := await offering_rows.list_ids_after(session, after, limit=CHECKED_AT_ONCE):
            wrong += await offering_rows.list_not_adding_up(session, after=after, last=ids[-1])
            after = ids[-1]
    offerings_wrong.set(len(wrong))
    if wrong:
        log.error("offerings do not add up", offerings=[str(offering_id) for offering_id in wrong[:SHOWN_MAX]])


def build_jobs(database: Database, clock: Clock, settings: MarketplaceSettings) -> list[Job]:
    return [
        Job(
            CLOSE,
            settings.deadline_job_seconds,
            lambda: close_past_deadline(database, clock),
        ),
        Job(
            REFUSE,
            settings.hold_timeout_job_seconds,
            lambda: refuse_unanswered(database, clock),
        ),
        Job(CHECK, CHECK_SECONDS, lambda: check_quotas(database), runs_when_moved=False),
    ]
