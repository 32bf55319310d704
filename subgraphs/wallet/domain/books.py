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

from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.shared.database import Database
from subgraphs.shared.money import format_brl
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.domain import chart, remittances
from subgraphs.wallet.domain.chain import verify_chains
from subgraphs.wallet.domain.gateway_list import compare_payments
from subgraphs.wallet.domain.judgement import judge
from subgraphs.wallet.ports.payment_gateway import GatewayUnavailable, PaymentGateway
from subgraphs.wallet.ports.tax_collector import CollectorUnavailable, TaxCollector

DISTRIBUTION_TIME = timedelta(days=1)
"""A paid installment is with its investors within a day."""


@dataclass(frozen=True)
class BooksReport:
    problems: tuple[str, ...]
    entries: int
    digest: str
    not_asked: tuple[str, ...] = ()
    """What could not be looked at."""

    @property
    def balanced(self) -> bool:
        return not self.problems


async def check_books(
    database: Database,
    *,
    now: datetime,
    gateway: PaymentGateway | None = None,
    tax_collector: TaxCollector | None = None,
) -> BooksReport:
    """Everything above, as of one moment, while business goes on; what others know, where there is somebody to ask."""
    not_asked = []
    async with database.snapshot() as session:
        await crud.books.lift_time_limit(session)
        problems = [
            *await _check_sums(session),
            *await _check_people(session),
            *await _check_clearing(session, now=now),
            *await remittances.list_overdue(session, now=now),
            *await judge(session, now=now, clock_may_be_moved=database.clock_moved),
        ]
        if gateway is None:
            not_asked.append("the gateway's list of payments: its settings are not here")
        else:
            try:
                problems += await compare_payments(session, gateway, now=now)
            except GatewayUnavailable as error:
                not_asked.append(f"the gateway's list of payments: {error}")
        if tax_collector is None:
            not_asked.append("the receipts for remitted taxes: the tax collector's settings are not here")
        else:
            try:
                problems += await remittances.compare_receipts(session, tax_collector)
            except CollectorUnavailable as error:
                not_asked.append(f"the receipts for remitted taxes: {error}")
        chains = await verify_chains(session)
    return BooksReport((*problems, *chains.problems), chains.entries, chains.digest, tuple(not_asked))


async def _check_sums(session: Reader) -> list[str]:
    unbalanced = [
        f"transfer {row.id} ({row.kind}): debits minus credits are {format_brl(int(row.sum))}"
        for row in await crud.books.list_unbalanced_transfers(session)
    ]
    wrong = [
        f"{row.code}: the balance says {row.balance_minor} after {row.entry_count} entries, "
        f"the entries say {int(row.total)} after {row.entries} (cents)"
        for row in await crud.books.list_wrong_balances(session)
    ]
    return unbalanced + wrong


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
    in_suspense = await crud.charges.sum_quarantined(session) + await crud.unclaimed.sum_open(session)
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
