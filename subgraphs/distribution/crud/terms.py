"""The fees and taxes in force on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from subgraphs.distribution.models import PerformanceFee, TaxBracket, TaxRule


async def list_fees(session: AsyncSession) -> Sequence[PerformanceFee]:
    """Every fee there has been, the newest first."""
    return (await session.scalars(select(PerformanceFee).order_by(PerformanceFee.valid_from.desc()))).all()


async def list_tax_rules(session: AsyncSession, on: date) -> Sequence[TaxRule]:
    """The rules in force on a day: of each kind of person, instrument and first day of issue one, the latest first."""
    line = (TaxRule.person, TaxRule.instrument, TaxRule.issued_from)
    newest_first = (
        select(TaxRule)
        .where(TaxRule.valid_from <= on)
        .distinct(*line)
        .order_by(TaxRule.person, TaxRule.instrument, TaxRule.issued_from.desc(), TaxRule.valid_from.desc())
    )
    return (await session.scalars(newest_first)).all()


async def list_days(session: AsyncSession, since: date) -> Sequence[date]:
    """The days from *since* on from which something of fee or tax holds."""
    dated = (PerformanceFee.valid_from, TaxRule.valid_from, TaxRule.issued_from, TaxBracket.valid_from)
    days = union(*(select(day.label("day")).where(day >= since) for day in dated)).subquery()
    return (await session.scalars(select(days.c.day).order_by(days.c.day))).all()


async def list_tax_brackets(session: AsyncSession, on: date) -> Sequence[TaxBracket]:
    """The table of each scale that is in force on a day, from the shortest time held."""
    other = aliased(TaxBracket)
    newest = select(func.max(other.valid_from)).where(other.scale == TaxBracket.scale, other.valid_from <= on)
    tables = select(TaxBracket).where(TaxBracket.valid_from == newest.scalar_subquery())
    return (await session.scalars(tables.order_by(TaxBracket.scale, TaxBracket.days_from))).all()
