"""
Taxes that were withheld, on their way to the state.

    income tax payable ──┐
    IOF payable ─────────┼──▶ bank      when the slip is paid
    what we earned ──────┘              the fine and interest of one that is paid late

A period that is over becomes a remittance of the very entries that were withheld in it; none of them can be in another.
The collector issues a payment slip for it and takes the payment, both of which may be repeated; only then is it booked.
So whatever crashes in between, the next run goes on where this one stopped. What is paid late costs more each day: its
slip is made for the day, and what that costs is paid out of the platform's own earnings.
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
from subgraphs.wallet.domain.late_tax import late_tax
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


class NotEarned(Exception):
    """The platform has not earned what a late remittance costs; somebody has to see to it."""


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
        except (CollectorUnavailable, CollectorRefused, NotEarned) as error:
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
        late = (
            await crud.remittances.find_late(session, remittance.id, remittance.late_on) if remittance.late_on else None
        )
        slip = _Slip(remittance, late)
        receipt = await collector.find_receipt(str(slip.number))
        if receipt is None:
            problems.append(f"remittance {remittance.id} is recorded as paid, and slip {slip.number} is not")
        elif (receipt.amount_minor, receipt.authentication) != (slip.amount_minor, remittance.authentication):
            problems.append(
                f"remittance {remittance.id} of {format_brl(slip.amount_minor)}: the receipt is of "
                f"{format_brl(receipt.amount_minor)}, {receipt.authentication}"
            )
    return problems


def shown(remittance: models.Remittance, late: Sequence[models.LateRemittance]) -> models.LateRemittance | None:
    """What being late cost a remittance, or would have on the last day on which it was tried; *late* newest first."""
    if remittance.status is RemittanceStatus.PAID:
        return next((row for row in late if row.paid_on == remittance.late_on), None)
    return late[0] if late else None


@dataclass(frozen=True)
class _Slip:
    """A payment slip of a remittance: in time over the tax alone, late with what a day's being late costs."""

    remittance: models.Remittance
    late: models.LateRemittance | None = None

    @property
    def amount_minor(self) -> int:
        return self.remittance.amount_minor + (self.late.charges_minor if self.late else 0)

    @property
    def number(self) -> str | None:
        return self.late.slip_number if self.late else self.remittance.slip_number

    @property
    def good_until(self) -> date:
        return self.late.paid_on if self.late else self.remittance.due_on

    @property
    def order(self) -> SlipOrder:
        late = self.late
        return SlipOrder(
            reference=self.remittance.id.hex + (f"-{late.paid_on:%Y%m%d}" if late else ""),
            revenue_code=self.remittance.revenue_code,
            period_to=self.remittance.period_to,
            due_on=self.remittance.due_on,
            amount_minor=self.remittance.amount_minor,
            fine_minor=late.fine_minor if late else 0,
            interest_minor=late.interest_minor if late else 0,
            good_until=self.good_until,
        )


async def _pay(services: Services, remittance: models.Remittance) -> bool:
    """
    Pay it by the slip that is good today; False when it was paid before.

    A slip of an earlier day may have been paid without our hearing of it, so those are asked about first.
    """
    now = services.clock.now()
    today = business_date(now)
    async with services.database.read() as session:
        known = (await crud.remittances.list_late(session, [remittance.id])).get(remittance.id, [])
    slips = [_Slip(remittance, late) for late in known]
    # One that was tried late at first has the first late slip's number.
    if all(slip.number != remittance.slip_number for slip in slips):
        slips.append(_Slip(remittance))
    for slip in slips:
        if slip.number is not None and slip.good_until < today:
            receipt = await services.tax_collector.find_receipt(slip.number)
            if receipt is not None:
                return await _take(services, slip, receipt, now=now)
    late = await _lateness(services, remittance, today=today) if remittance.due_on < today else None
    slip = _Slip(remittance, late)
    number = slip.number or await _issue(services, slip)
    receipt = await services.tax_collector.pay_slip(number)
    return await _take(services, slip, receipt, now=now, number=number)


async def _lateness(services: Services, remittance: models.Remittance, *, today: date) -> models.LateRemittance:
    """What paying it today costs, noted before anything is paid; out of earnings that have enough. Raises NotEarned."""
    async with services.database.begin() as session:
        # One after the other: each sees what the others are about to spend.
        await crud.remittances.wait_turn(session)
        locked = await crud.remittances.lock_remittance(session, remittance.id)
        found = await crud.remittances.find_late(session, locked.id, today)
        if found is not None:
            return found
        rules = await crud.remittances.list_late_rules(session)
        owed = late_tax(locked.amount_minor, rules, due_on=locked.due_on, paid_on=today)
        late = models.LateRemittance(
            remittance_id=locked.id,
            paid_on=today,
            fine_minor=owed.fine_minor,
            interest_minor=owed.interest_minor,
            account_id=await _earnings_for(session, locked, owed.total_minor) if owed.total_minor else None,
        )
        session.add(late)
        return late


async def _earnings_for(session: AsyncSession, remittance: models.Remittance, amount_minor: int) -> UUID:
    """
    The account of what the platform earned that has most, after what other late remittances are to take of it.

    Raises NotEarned where that is not enough: nobody else's money pays for being late.
    """
    free = await crud.ledger.list_balances(session, chart.EARNINGS)
    for account_id, promised in await crud.remittances.list_promised(session, but=remittance.id):
        free[account_id] -= promised
    richest = max(chart.EARNINGS, key=lambda account_id: free[account_id])
    if free[richest] < amount_minor:
        raise NotEarned(f"the platform has not earned the {amount_minor} cents of fine and interest")
    return richest


async def _issue(services: Services, slip: _Slip) -> str:
    """The number of a payment slip, noted before anything is paid."""
    number = await services.tax_collector.issue_slip(slip.order)
    async with services.database.begin() as session:
        locked = await crud.remittances.lock_remittance(session, slip.remittance.id)
        if locked.slip_number is None:
            locked.slip_number, locked.status = number, RemittanceStatus.ISSUED
        if slip.late is None:
            # Another process was faster: the collector gave both the same.
            return locked.slip_number
        late = await crud.remittances.find_late(session, locked.id, slip.late.paid_on)
        assert late is not None  # noqa: S101  # it is noted, and stays
        late.slip_number = late.slip_number or number
        return late.slip_number


async def _take(services: Services, slip: _Slip, receipt: Receipt, *, now: datetime, number: str | None = None) -> bool:
    expected = (number or slip.number, slip.amount_minor)
    if (receipt.slip_number, receipt.amount_minor) != expected:
        raise CollectorRefused(
            f"the receipt is of {receipt.amount_minor} cents for slip {receipt.slip_number}: people have to see to it"
        )
    async with services.database.begin() as session:
        return await _book(session, slip, receipt, now=now)


async def _book(session: AsyncSession, slip: _Slip, receipt: Receipt, *, now: datetime) -> bool:
    """Enter that it is paid; False when it was entered before."""
    remittance, late = await crud.remittances.lock_remittance(session, slip.remittance.id), slip.late
    if remittance.status is RemittanceStatus.PAID:
        return False
    remittance.status, remittance.paid_at = RemittanceStatus.PAID, now
    remittance.authentication, remittance.last_failure = receipt.authentication, None
    remittance.late_on = late.paid_on if late else None
    transfers = [
        ledger.move(
            remittance.amount_minor,
            debit=PAYABLE[remittance.tax],
            credit=chart.BANK,
            kind=TransferKind.TAX_REMITTANCE,
            cause_id=remittance.id,
        )
    ]
    if late is not None and late.account_id is not None:
        charges = ledger.move(
            late.charges_minor,
            debit=late.account_id,
            credit=chart.BANK,
            kind=TransferKind.LATE_REMITTANCE,
            cause_id=remittance.id,
        )
        transfers.append(charges)
    await ledger.post(session, *transfers, now=now)
    return True


async def _note_failure(services: Services, remittance: models.Remittance, failure: str) -> None:
    log.warning("a remittance is not paid", remittance_id=str(remittance.id), failure=failure)
    async with services.database.begin() as session:
        locked = await crud.remittances.lock_remittance(session, remittance.id)
        if locked.status is not RemittanceStatus.PAID:
            locked.last_failure = failure
