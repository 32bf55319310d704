"""
The books check: does the ledger say what it must?

- debits equal credits, in every transfer and so in all;
- every balance is the sum of its entries, and nobody's is below zero;
- what is held is what active holds hold, what is processing is what withdrawals move;
- each clearing account is at zero when its business is done: escrows always, distributions within a day, the gateway
  but for what it has yet to settle, returns but for what is on its way, suspense but for what people have yet to
  decide on, and what those who have left would have had;
- taxes that were withheld are with the state by the day they are due;
- what is recorded beside the ledger says the same (`judgement.py`), and so do the gateway (`gateway_list.py`) and
  the tax collector;
- every hash chain is whole.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

import structlog

from subgraphs.shared.database import Database
from subgraphs.shared.money import format_brl
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.crud.places import FROM_THE_START, Since
from subgraphs.wallet.domain import chart, remittances
from subgraphs.wallet.domain.chain import verify_chains
from subgraphs.wallet.domain.gateway_list import compare_payments
from subgraphs.wallet.domain.judgement import judge
from subgraphs.wallet.domain.places import BooksKey, Start, UnusablePlace, keep_place, open_place
from subgraphs.wallet.models import VerifiedPlace
from subgraphs.wallet.ports.payment_gateway import GatewayUnavailable, PaymentGateway
from subgraphs.wallet.ports.tax_collector import CollectorUnavailable, TaxCollector

log = structlog.get_logger()

DISTRIBUTION_TIME = timedelta(days=1)
"""A paid installment is with its investors within a day."""
ENTRIES_AT_ONCE_MAX = 20_000
"""As many are followed beside other work in about a second."""


class TooMuchToCheck(Exception):
    """More entries than whoever asked has the time for."""

    def __init__(self, entries: int) -> None:
        super().__init__(f"{entries} entries are to be looked at")


class Options(TypedDict, total=False):
    """What is said of a check wherever it begins."""

    gateway: PaymentGateway | None
    tax_collector: TaxCollector | None
    entries_max: int | None


@dataclass(frozen=True)
class BooksReport:
    problems: tuple[str, ...]
    entries: int
    digest: str
    not_asked: tuple[str, ...] = ()
    """What could not be looked at."""
    since: VerifiedPlace | None = None
    """What was verified before, and not looked at again; none of a whole check."""
    place: VerifiedPlace | None = None
    """What is verified now."""

    @property
    def balanced(self) -> bool:
        return not self.problems


async def check_books(
    database: Database,
    *,
    now: datetime,
    gateway: PaymentGateway | None = None,
    tax_collector: TaxCollector | None = None,
    start: Start | None = None,
    sign_with: BooksKey | None = None,
    entries_max: int | None = None,
) -> BooksReport:
    """
    Everything above, as of one moment, while business goes on; what others know, where there is somebody to ask.

    From *start* on it looks at what has come, or been written, since that was verified. A whole check that finds
    nothing wrong, with all who know something asked, is kept as a verified place, signed.

    Raises UnusablePlace; TooMuchToCheck when more than *entries_max* entries would have to be followed.
    """
    async with database.snapshot() as session:
        await crud.books.lift_time_limit(session)
        since = FROM_THE_START if start is None else await open_place(session, start)
        if entries_max is not None and (entries := await crud.places.count_entries(session, since)) > entries_max:
            raise TooMuchToCheck(entries)
        problems = [
            *await _check_balances(session, since),
            *await _check_people(session),
            *await _check_clearing(session, now=now),
            *await remittances.list_overdue(session, now=now),
            *await judge(session, now=now, clock_may_be_moved=database.clock_moved, since=since),
        ]
        found, not_asked = await _ask_others(session, gateway, tax_collector, now=now, since=since)
        chains = await verify_chains(session, since=since)
        problems += [*found, *chains.problems]
        place = None
        if sign_with is not None and start is None and not problems and not not_asked:
            place = await keep_place(
                session, database, sign_with, now=now, entries=chains.entries, digest=chains.digest
            )
    return BooksReport(
        tuple(problems), chains.entries, chains.digest, tuple(not_asked), start.place if start else None, place
    )


async def check_since_last(
    database: Database, key: BooksKey | None, *, now: datetime, keep: bool = True, **options: Unpack[Options]
) -> BooksReport:
    """
    A check from the last verified place on; a whole one where there is none, or none that can be gone on from, which
    is kept as a place if *keep* says so. A place that somebody has forged is a problem of its own.
    """
    async with database.read() as session:
        last = await crud.places.find_last_place(session)
    forged: tuple[str, ...] = ()
    if key is not None and last is not None:
        try:
            return await check_books(database, now=now, start=Start(last, key), **options)
        except UnusablePlace as error:
            log.warning("the books are checked from the start", reason=str(error))
            forged = (str(error),) if error.is_forged else ()
    report = await check_books(database, now=now, sign_with=key if keep else None, **options)
    return replace(report, problems=(*forged, *report.problems))


async def _ask_others(
    session: Reader,
    gateway: PaymentGateway | None,
    tax_collector: TaxCollector | None,
    *,
    now: datetime,
    since: Since,
) -> tuple[list[str], list[str]]:
    """What is wrong by what others know, and what they could not be asked."""
    problems, not_asked = list[str](), list[str]()
    if gateway is None:
        not_asked.append("the gateway's list of payments: its settings are not here")
    else:
        try:
            problems += await compare_payments(session, gateway, now=now, since=since)
        except GatewayUnavailable as error:
            not_asked.append(f"the gateway's list of payments: {error}")
    if tax_collector is None:
        not_asked.append("the receipts for remitted taxes: the tax collector's settings are not here")
    else:
        try:
            problems += await remittances.compare_receipts(session, tax_collector, since=since)
        except CollectorUnavailable as error:
            not_asked.append(f"the receipts for remitted taxes: {error}")
    return problems, not_asked


async def _check_balances(session: Reader, since: Since) -> list[str]:
    return [
        f"{row.code}: the balance says {row.balance_minor} after {row.entry_count} entries, "
        f"the entries say {int(row.total)} after {row.entries} (cents)"
        for row in await crud.books.list_wrong_balances(session, since)
    ]


async def _check_people(session: Reader) -> list[str]:
    held = [
        f"{row.code}: {format_brl(row.balance_minor)} is held, active holds are of {format_brl(int(row.expected))}"
        for row in await crud.books.list_held_without_holds(session)
    ]
    processing = [
        f"{row.code}: {format_brl(row.balance_minor)} is processing, "
        f"withdrawals under way are of {format_brl(int(row.expected))}"
        for row in await crud.books.list_processing_without_withdrawals(session)
    ]
    return held + processing


async def _check_clearing(session: Reader, *, now: datetime) -> list[str]:
    escrows = [
        f"{row.code}: {format_brl(row.balance_minor)} is left in escrow"
        for row in await crud.books.list_open_escrows(session)
    ]
    distributions = [
        f"{row.code}: {format_brl(row.balance_minor)} was not paid out"
        for row in await crud.books.list_open_distributions(session, overdue_before=now - DISTRIBUTION_TIME)
    ]
    in_suspense = await crud.suspense.sum_left(session) + await crud.unclaimed.sum_open(session)
    in_flight = await crud.returns.sum_in_flight(session)
    expected = {
        chart.PERSON_DEBTS: ("people's debts", await crud.claims.sum_debts(session), "is owed by people"),
        chart.RETURNS: ("returns", in_flight, "is on its way back"),
        chart.GATEWAY: ("gateway", await crud.charges.sum_unsettled(session), "has yet to be settled"),
        chart.SUSPENSE: ("suspense", in_suspense, "has yet to be decided on"),
    }
    balances = await crud.ledger.list_balances(session, list(expected))
    platform = [
        f"{name}: {format_brl(balances[account_id])} is there, {format_brl(total)} {reason}"
        for account_id, (name, total, reason) in expected.items()
        if balances[account_id] != total
    ]
    return escrows + distributions + platform
