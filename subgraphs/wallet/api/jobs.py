"""Work that time itself calls for."""

from datetime import timedelta
from functools import partial

import structlog

from subgraphs.shared.jobs import Job
from subgraphs.wallet import crud
from subgraphs.wallet.check_books import Order, check_in_own_process
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import (
    bank_details,
    holds,
    metrics,
    payments,
    reconciliation,
    remittances,
    returns,
    withdrawals,
)

BOOKS_CHECKED_AS_A_WHOLE_EVERY = timedelta(days=1)
"""Asked each hour; a whole check that was missed is made up for. In between only what has come since is looked at."""
BOOKS_REST = timedelta(minutes=30)
"""A start so soon after a check does not check again."""

log = structlog.get_logger()


def build_jobs(services: Services) -> list[Job]:
    async def expire_holds() -> int:
        async with services.database.begin() as session:
            return await holds.expire_holds(session, now=services.clock.now())

    async def settle_payments() -> int:
        async with services.database.begin() as session:
            return await payments.settle_payments(session, now=services.clock.now())

    async def find_lost_payments() -> int:
        return await reconciliation.find_lost_payments(services)

    async def find_lost_claims() -> int:
        return await reconciliation.find_lost_claims(services)

    async def ask_about_withdrawals() -> int:
        return await withdrawals.ask_about_overdue(services)

    async def remit_taxes() -> int:
        async with services.database.begin() as session:
            await remittances.prepare_remittances(session, now=services.clock.now())
        return await remittances.pay_remittances(services)

    async def ask_about_returns() -> int:
        return await returns.ask_about_overdue(services)

    async def keep_bank_accounts() -> None:
        async with services.database.begin() as session:
            await crud.bank_accounts.erase_kept(session, until=services.clock.now())
            await crud.returns.erase_payers(session, until=services.clock.now())
        while True:
            async with services.database.begin() as session:
                if not await bank_details.seal_old(session, services.vault):
                    return

    jobs = [
        Job("expire holds", 60, expire_holds),
        Job("settle gateway payments", 600, settle_payments),
        Job("find lost payments", 300, find_lost_payments),
        Job("find lost claims", 300, find_lost_claims),
        Job("ask about withdrawals", 120, ask_about_withdrawals),
        Job("remit withheld taxes", 3_600, remit_taxes),
        Job("ask about returns", 120, ask_about_returns),
        Job("seal bank accounts and erase old ones", 3_600, keep_bank_accounts),
        Job("check books", 60 * 60, partial(_check_books, services), runs_when_moved=False),
    ]
    if services.sandbox is not None:
        jobs.append(Job("deliver sandbox webhooks", 1, services.sandbox.delivery.deliver_due))
    return jobs


async def _check_books(services: Services) -> bool:
    """Have the books checked if that is due, and say what was found last."""
    now, database = services.clock.now(), services.database
    async with database.read() as session:
        last = await crud.books.find_last_check(session)
        whole = await crud.books.find_last_whole_check(session)
    if last is None or now - last.checked_at >= BOOKS_REST:
        is_whole = whole is None or now - whole.checked_at >= BOOKS_CHECKED_AS_A_WHOLE_EVERY
        await check_in_own_process(Order(services.settings, now, clock_moved=database.clock_moved, whole=is_whole))
        async with database.read() as session:
            last = await crud.books.find_last_check(session)
    assert last is not None  # noqa: S101  # the process that checked has kept it
    metrics.books_problems.set(len(last.problems))
    for problem in last.problems:
        log.error("the books do not balance", problem=problem)
    for what in last.not_asked:
        log.warning("a part of the books is not checked", what=what)
    balanced = not last.problems
    log.info("the books are checked", balanced=balanced, entries=last.entries, digest=last.digest)
    return balanced
