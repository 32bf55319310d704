"""Taxes that were withheld, and their payments to the state."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.crud.places import WRITTEN, Since
from subgraphs.wallet.models import (
    LateRemittance,
    LateTaxRule,
    Remittance,
    RemittanceRule,
    RemittanceStatus,
    Tax,
)

# What of a tax was withheld, entry by entry: of whom, and on which day in Brasília. Those of before there were
# companies do not say of whom, and were people's.
WITHHELD = """
    SELECT entry.id AS entry_id, entry.amount_minor,
        CASE entry.account_id WHEN 'ffffffff-0000-8000-8000-000000000004' THEN 'IOF' ELSE 'INCOME_TAX' END AS tax,
        coalesce(payout.person, swap.seller_person, disbursement.farmer_person, 'NATURAL') AS person,
        (transfer.occurred_at AT TIME ZONE 'America/Sao_Paulo')::date AS withheld_on
    FROM ledger_entries AS entry
    JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
    LEFT JOIN distribution_payouts AS payout ON transfer.kind = 'PAYOUT' AND payout.payout_id = transfer.cause_id
    LEFT JOIN quota_swaps AS swap ON transfer.kind = 'QUOTA_SWAP' AND swap.id = transfer.cause_id
    LEFT JOIN disbursements AS disbursement
        ON transfer.kind = 'DISBURSEMENT' AND disbursement.offering_id = transfer.cause_id
    WHERE entry.side = 'CREDIT'
      AND entry.account_id IN ('ffffffff-0000-8000-8000-000000000004', 'ffffffff-0000-8000-8000-000000000005')
"""
_IN_NO_REMITTANCE = f"""
    SELECT * FROM ({WITHHELD}) AS withheld
    WHERE NOT EXISTS (SELECT FROM remitted_entries AS paid WHERE paid.entry_id = withheld.entry_id)
"""  # noqa: S608  # our own text
_BY_DAY = text(f"""
    SELECT tax, person, withheld_on, sum(amount_minor)::bigint AS amount_minor
    FROM ({_IN_NO_REMITTANCE}) AS left_over
    GROUP BY tax, person, withheld_on ORDER BY tax, person, withheld_on
""")  # noqa: S608  # our own text
# In one statement: what is paid is just what is noted as paid, whatever is entered meanwhile.
_PREPARE = text(f"""
    WITH chosen AS (
        SELECT entry_id, amount_minor FROM ({_IN_NO_REMITTANCE}) AS left_over
        WHERE tax = :tax AND person = :person AND withheld_on <= :period_to),
    prepared AS (
        INSERT INTO remittances (id, tax, person, revenue_code, period_from, period_to, number, due_on, amount_minor,
            prepared_at, status)
        SELECT :id, :tax, :person, :revenue_code, :period_from, :period_to,
            (SELECT count(*) + 1 FROM remittances
             WHERE tax = :tax AND person = :person AND period_to = :period_to),
            :due_on, sum(amount_minor), :prepared_at, 'PREPARED'
        FROM chosen)
    INSERT INTO remitted_entries (entry_id, remittance_id) SELECT entry_id, :id FROM chosen
""")  # noqa: S608  # our own text
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('remittances', 0))")


@dataclass(frozen=True, kw_only=True)
class NewRemittance:
    id: UUID
    tax: Tax
    person: PersonKind
    revenue_code: str
    period_from: date
    period_to: date
    due_on: date
    prepared_at: datetime


async def wait_turn(session: AsyncSession) -> None:
    """Let no other transaction prepare until this one ends."""
    await session.execute(_ONE_AT_A_TIME)


async def list_withheld(session: Reader) -> list[Row[Any]]:
    """By tax, kind of person and day, what is in no remittance yet."""
    return list(await session.execute(_BY_DAY))


async def list_rules(session: Reader) -> Sequence[RemittanceRule]:
    """All there have been, the newest first."""
    return (await session.scalars(select(RemittanceRule).order_by(RemittanceRule.valid_from.desc()))).all()


async def list_late_rules(session: Reader) -> Sequence[LateTaxRule]:
    """All there have been, the newest first."""
    return (await session.scalars(select(LateTaxRule).order_by(LateTaxRule.valid_from.desc()))).all()


_LATE = (
    select(LateRemittance)
    .where(is_any_of(LateRemittance.remittance_id, "ids"))
    .order_by(LateRemittance.remittance_id, LateRemittance.paid_on.desc())
)


async def list_late(session: Reader, remittance_ids: Collection[UUID]) -> dict[UUID, list[LateRemittance]]:
    """By remittance, of those that are late, the latest day first."""
    found: dict[UUID, list[LateRemittance]] = {}
    for late in await session.scalars(_LATE, {"ids": remittance_ids}):
        found.setdefault(late.remittance_id, []).append(late)
    return found


_PROMISED = text("""
    SELECT account_id, max(fine_minor + interest_minor) AS amount_minor
    FROM late_remittances AS late JOIN remittances AS remittance ON remittance.id = late.remittance_id
    WHERE remittance.status <> 'PAID' AND remittance.id <> :but AND account_id IS NOT NULL
    GROUP BY remittance.id, account_id
""")


async def list_promised(session: AsyncSession, *, but: UUID) -> list[tuple[UUID, int]]:
    """What late remittances, *but* one, may yet take of an account: each at most what its dearest slip says."""
    return [(row.account_id, int(row.amount_minor)) for row in await session.execute(_PROMISED, {"but": but})]


async def find_late(session: Reader, remittance_id: UUID, on: date) -> LateRemittance | None:
    return await session.get(LateRemittance, (remittance_id, on))


async def add_remittance(session: AsyncSession, remittance: NewRemittance) -> None:
    """Prepare the payment of all that is in none yet, up to the last day of its period."""
    await session.execute(_PREPARE, vars(remittance))


async def list_unpaid(session: Reader, *, after: UUID | None, limit: int) -> Sequence[Remittance]:
    """Those to be paid, by id."""
    statement = select(Remittance).where(Remittance.status != RemittanceStatus.PAID)
    if after is not None:
        statement = statement.where(Remittance.id > after)
    return (await session.scalars(statement.order_by(Remittance.id).limit(limit))).all()


async def lock_remittance(session: AsyncSession, remittance_id: UUID) -> Remittance:
    return await session.get_one(Remittance, remittance_id, with_for_update=True, populate_existing=True)


async def list_overdue(session: Reader, *, today: date) -> Sequence[Remittance]:
    statement = select(Remittance).where(Remittance.status != RemittanceStatus.PAID, Remittance.due_on < today)
    return (await session.scalars(statement.order_by(Remittance.due_on, Remittance.id))).all()


_PAID = (
    select(Remittance)
    .where(Remittance.status == RemittanceStatus.PAID, text(WRITTEN.format(row="remittances")))
    .order_by(Remittance.id)
)


async def list_paid(session: Reader, since: Since) -> Sequence[Remittance]:
    """Those that were written since, by id."""
    return (await session.scalars(_PAID, {"age": since.age})).all()


async def list_remittances(
    session: Reader, *, status: RemittanceStatus | None, before: UUID | None, limit: int
) -> Sequence[Remittance]:
    """Newest first."""
    statement = select(Remittance).order_by(Remittance.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(Remittance.status == status)
    if before is not None:
        statement = statement.where(Remittance.id < before)
    return (await session.scalars(statement)).all()
