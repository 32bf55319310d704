"""
Taxes that were withheld, on their way to the state.

    income tax payable ──┐
    IOF payable ─────────┴──▶ bank      when the slip is paid

A period that is over becomes a remittance of the very entries that were withheld in it; none of them can be in another.
The collector issues a payment slip for it and takes the payment, both of which may be repeated; only then is it booked.
So whatever crashes in between, the next run goes on where this one stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import all_or_one_by_one, one_by_one
from subgraphs.shared.money import format_brl
from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud, models
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.crud.places import Since
from subgraphs.wallet.domain import chart, ledger
from subgraphs.wallet.domain.tax_periods import Period, periods_to_pay
from subgraphs.wallet.models import RemittanceStatus, Tax, TransferKind
from subgraphs.wallet.ports.tax_collector import (
    CollectorRefused,
    CollectorUnavailable,
    Receipt,
    SlipOrder,
    TaxCollector,
)

JOB = "remit withheld taxes"
PAGE = 100
PAYABLE = {Tax.INCOME_TAX: chart.INCOME_TAX_PAYABLE, Tax.IOF: chart.IOF_PAYABLE}
"""On which account each tax is until it is paid."""

log = structlog.get_logger()


async def prepare_remittances(session: AsyncSession, *, now: datetime) -> int:
    """
    Make remittances of what was withheld in periods that are over; how many.

    What is entered late is in a further remittance of its period. A tax of which no rule says how it is paid, or a
    period that cannot be prepared, keeps no other from it.
    """
    await crud.remittances.wait_turn(session)
    to_pay: list[ToPay] = []

    async def find(withheld: Withheld) -> None:
        to_pay.extend(withheld.periods_to_pay(today=business_date(now)))

    async def prepare(some: Sequence[ToPay]) -> None:
        for tax, person, period in some:
            await crud.remittances.add_remittance(
                session,
                crud.remittances.NewRemittance(
                    id=new_id(),
                    tax=tax,
                    person=person,
                    revenue_code=period.rule.revenue_code,
                    period_from=period.first,
                    period_to=period.last,
                    due_on=period.due_on,
                    prepared_at=now,
                ),
            )

    await one_by_one(JOB, await list_withheld(session), find, name=lambda withheld: (withheld.tax, withheld.person))
    return await all_or_one_by_one(session, JOB, to_pay, prepare, name=lambda row: (row[0], row[1], row[2].last))


ToPay = tuple[Tax, PersonKind, Period]


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """Of one tax and one kind of person, the cents of each day that are in no remittance yet."""

    tax: Tax
    person: PersonKind
    by_day: Mapping[date, int]
    rules: Sequence[models.RemittanceRule]

    def periods_to_pay(self, *, today: date) -> list[ToPay]:
        """The periods that are over, with enough in them, the oldest first. Raises LookupError where no rule is."""
        return [(self.tax, self.person, period) for period in periods_to_pay(self.by_day, self.rules, today=today)]


async def list_withheld(session: Reader) -> list[Withheld]:
    rules = await crud.remittances.list_rules(session)
    rows = await crud.remittances.list_withheld(session)
    return [
        Withheld(
            tax=tax,
            person=person,
            by_day={row.withheld_on: int(row.amount_minor) for row in days},
            rules=[rule for rule in rules if (rule.tax, rule.person) == (tax, person)],
        )
        for (tax, person), days in groupby(rows, key=lambda row: (Tax(row.tax), PersonKind(row.person)))
    ]


async def pay_remittances(services: Services) -> int:
    """
    Pay the remittances that are prepared; how many are paid now. May be repeated, also by several at once.

    One that cannot be paid keeps no other from it; why is noted with it, and it is tried again at the next run.
    """
    paid, after = 0, None

    async def pay(remittance: models.Remittance) -> None:
        nonlocal paid
        try:
            paid += await _pay(services, remittance)
        except (CollectorUnavailable, CollectorRefused) as error:
            await _note_failure(services, remittance, str(error))

    while True:
        async with services.database.read() as session:
            unpaid = await crud.remittances.list_unpaid(session, after=after, limit=PAGE)
        await one_by_one(JOB, unpaid, pay, name=lambda remittance: remittance.id)
        if len(unpaid) < PAGE:
            return paid
        after = unpaid[-1].id


async def list_overdue(session: Reader, *, now: datetime) -> list[str]:
    """What the state has not got by the day it was due, for the books check."""
    today = business_date(now)
    unpaid = [
        f"remittance {remittance.id} of {format_brl(remittance.amount_minor)} was due on {remittance.due_on} "
        "and is not paid"
        for remittance in await crud.remittances.list_overdue(session, today=today)
    ]
    forgotten = []
    for withheld in await list_withheld(session):
        try:
            to_pay = withheld.periods_to_pay(today=today)
        except LookupError as error:
            forgotten.append(str(error))
            continue
        forgotten += [
            f"{tax} withheld until {period.last} was due on {period.due_on} and no remittance is prepared"
            for tax, _, period in to_pay
            if period.due_on < today
        ]
    return unpaid + forgotten


async def compare_receipts(session: Reader, collector: TaxCollector, *, since: Since) -> list[str]:
    """What we say since a place that the state has got, measured by its receipts. Raises CollectorUnavailable."""
    problems = []
    for remittance in await crud.remittances.list_paid(session, since):
        receipt = await collector.find_receipt(str(remittance.slip_number))
        if receipt is None:
            problems.append(f"remittance {remittance.id} is recorded as paid, and slip {remittance.slip_number} is not")
        elif (receipt.amount_minor, receipt.authentication) != (remittance.amount_minor, remittance.authentication):
            problems.append(
                f"remittance {remittance.id} of {format_brl(remittance.amount_minor)}: the receipt is of "
                f"{format_brl(receipt.amount_minor)}, {receipt.authentication}"
            )
    return problems


async def _pay(services: Services, remittance: models.Remittance) -> bool:
    number = remittance.slip_number or await _issue(services, remittance)
    receipt = await services.tax_collector.pay_slip(number)
    if (receipt.slip_number, receipt.amount_minor) != (number, remittance.amount_minor):
        raise CollectorRefused(
            f"the receipt is of {receipt.amount_minor} cents for slip {receipt.slip_number}: people have to see to it"
        )
    async with services.database.begin() as session:
        return await _book(session, remittance.id, receipt, now=services.clock.now())


async def _issue(services: Services, remittance: models.Remittance) -> str:
    """The number of its payment slip, noted before anything is paid."""
    order = SlipOrder(
        reference=remittance.id.hex,
        revenue_code=remittance.revenue_code,
        period_to=remittance.period_to,
        due_on=remittance.due_on,
        amount_minor=remittance.amount_minor,
    )
    number = await services.tax_collector.issue_slip(order)
    async with services.database.begin() as session:
        locked = await crud.remittances.lock_remittance(session, remittance.id)
        if locked.slip_number is None:
            locked.slip_number, locked.status = number, RemittanceStatus.ISSUED
        # Another process was faster: the collector gave both the same.
        return locked.slip_number


async def _book(session: AsyncSession, remittance_id: UUID, receipt: Receipt, *, now: datetime) -> bool:
    """Enter that it is paid; False when it was entered before."""
    remittance = await crud.remittances.lock_remittance(session, remittance_id)
    if remittance.status is RemittanceStatus.PAID:
        return False
    remittance.status, remittance.paid_at = RemittanceStatus.PAID, now
    remittance.authentication, remittance.last_failure = receipt.authentication, None
    transfer = ledger.move(
        remittance.amount_minor,
        debit=PAYABLE[remittance.tax],
        credit=chart.BANK,
        kind=TransferKind.TAX_REMITTANCE,
        cause_id=remittance.id,
    )
    await ledger.post(session, transfer, now=now)
    return True


async def _note_failure(services: Services, remittance: models.Remittance, failure: str) -> None:
    log.warning("a remittance is not paid", remittance_id=str(remittance.id), failure=failure)
    async with services.database.begin() as session:
        locked = await crud.remittances.lock_remittance(session, remittance.id)
        if locked.status is not RemittanceStatus.PAID:
            locked.last_failure = failure
