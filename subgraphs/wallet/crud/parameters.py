"""Dated rates: the newest row that is not after the day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.person_kind import PersonKind
from subgraphs.wallet.models import Instrument, IofRate, IofRule, OriginationFeeRate


async def find_origination_fee_rate(session: AsyncSession, grade: str, on: date) -> Decimal | None:
    found: Decimal | None = await session.scalar(
        select(OriginationFeeRate.rate)
        .where(OriginationFeeRate.grade == grade, OriginationFeeRate.valid_from <= on)
        .order_by(OriginationFeeRate.valid_from.desc())
        .limit(1)
    )
    return found


async def find_iof_instrument(session: AsyncSession, person: PersonKind, on: date) -> Instrument | None:
    """Which of the rates of IOF a borrower of this kind pays."""
    found: Instrument | None = await session.scalar(
        select(IofRule.instrument)
        .where(IofRule.person == person, IofRule.valid_from <= on)
        .order_by(IofRule.valid_from.desc())
        .limit(1)
    )
    return found


async def find_iof_rate(session: AsyncSession, instrument: Instrument, on: date) -> IofRate | None:
    found: IofRate | None = await session.scalar(
        select(IofRate)
        .where(IofRate.instrument == instrument, IofRate.valid_from <= on)
        .order_by(IofRate.valid_from.desc())
        .limit(1)
    )
    return found
