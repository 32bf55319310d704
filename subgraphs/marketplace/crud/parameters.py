"""The parameters in force on a day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on

from subgraphs.marketplace import models
from subgraphs.shared.reading import Reader

_NEWEST = (
    select(models.Parameter.name, models.Parameter.value)
    .where(models.Parameter.valid_from <= bindparam("on"))
    .ext(distinct_on(models.Parameter.name))
    .order_by(models.Parameter.name, models.Parameter.valid_from.desc())
)


async def get_values(session: Reader, on: date) -> dict[str, Decimal]:
    """Each parameter's value on the day *on*."""
    rows = await session.execute(_NEWEST, {"on": on})
    return dict(rows.all())
