"""Work that time itself calls for."""

import structlog

from subgraphs.shared.jobs import Job
from subgraphs.wallet import crud
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.domain import bank_details, books, holds, metrics, payments, reconciliation, withdrawals

log = structlog.get_logger()


def build_jobs(services: Services) -> list[Job]:
    async def expire_holds() -> int:
        async with services.database.begin() as session:
            return await holds.expire_holds(session, now=services.clock.now())

    async def settle_payments() -> int:
        async with services.database.begin() as session:
            return await payments.settle_payments(session, now=services.clock.now())

    async def find_lost_payments() -> int:
        return await reconciliation.find_lost_payments(services.database, services.gateway, now=services.clock.now())

    async def ask_about_withdrawals() -> int:
        return await withdrawals.ask_about_overdue(services)

    async def keep_bank_accounts() -> None:
        async with services.database.begin() as session:
            await crud.bank_accounts.erase_kept(session, until=services.clock.now())
        while True:
            async with services.database.begin() as session:
                if not await bank_details.seal_old(session, services.vault):
                    return

    async def check_books() -> bool:
        report = await books.check_books(services.database, now=services.clock.now())
        metrics.books_problems.set(len(report.problems))
        for problem in report.problems:
            log.error("the books do not balance", problem=problem)
        log.info("the books are checked", balanced=report.balanced, entries=report.entries, digest=report.digest)
        return report.balanced

    jobs = [
        Job("expire holds", 60, expire_holds),
        Job("settle gateway payments", 600, settle_payments),
        Job("find lost payments", 300, find_lost_payments),
        Job("ask about withdrawals", 120, ask_about_withdrawals),
        Job("seal bank accounts and erase old ones", 3_600, keep_bank_accounts),
        Job("check books", 24 * 60 * 60, check_books),
    ]
    if services.sandbox is not None:
        jobs.append(Job("deliver sandbox webhooks", 1, services.sandbox.delivery.deliver_due))
    return jobs
