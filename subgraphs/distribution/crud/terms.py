"""The fees and taxes in force on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.distribution.models import PerformanceFee, TaxBracket, TaxRule


async def list_fees(session: AsyncSession) -> Sequence[PerformanceFee]:
    """Every fee there has been, the newest first."""
    return (await session.scalars(select(PerformanceFee).order_by(PerformanceFee.valid_from.desc()))).all()


async def list_tax_rules(session: AsyncSession, on: date) -> Sequence[TaxRule]:
    """The rule in force on a day for each kind of person and instrument."""
    newest_first = (
        select(TaxRule)
        .where(TaxRule.valid_from <= on)
        .distinct(TaxRule.person, TaxRule.instrument)
        .order_by(TaxRule.person, TaxRule.instrument, TaxRule.valid_from.desc())
    )
    return (await session.scalars(newest_first)).all()


async def list_tax_brackets(session: AsyncSession, on: date) -> Sequence[TaxBracket]:
    """The regressive table in force on a day, from the shortest time held."""
    newest = select(func.max(TaxBracket.valid_from)).where(TaxBracket.valid_from <= on).scalar_subquery()
    table = select(TaxBracket).where(TaxBracket.valid_from == newest)
    return (await session.scalars(table.order_by(TaxBracket.days_from))).all()
