"""The parameters in force on a day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models


async def get_values(session: AsyncSession, on: date) -> dict[str, Decimal]:
    """Each parameter's value on the day *on*."""
    newest_first = (
        select(models.Parameter.name, models.Parameter.value)
        .where(models.Parameter.valid_from <= on)
        .distinct(models.Parameter.name)
        .order_by(models.Parameter.name, models.Parameter.valid_from.desc())
    )
    rows = (await session.execute(newest_first)).tuples()
    return dict(rows.all())
