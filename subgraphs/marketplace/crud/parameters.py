"""The parameters in force on a day: the marketplace's own, and what distribution tells of fee and tax."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Integer, bindparam, cast, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models
from subgraphs.marketplace.schemas import heard
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.read_models import put_newest
from subgraphs.shared.reading import Reader

TOLD = ("performance_fee_rate", "income_tax_rate")
"""What distribution decides. What the marketplace's own table said of it stays there, and counts no more."""
_TOLD_BY_ITS_RULES = ("fee_of_late_charges", "is_taxed_after_fee")
"""What distribution decides and the marketplace never said: 1 where it is so."""

_OWN = (
    select(models.Parameter.name, models.Parameter.value)
    .where(models.Parameter.valid_from <= bindparam("on"), models.Parameter.name.not_in(TOLD))
    .ext(distinct_on(models.Parameter.name))
    .order_by(models.Parameter.name, models.Parameter.valid_from.desc())
    .subquery()
)
_DEDUCTIONS = (
    select(models.Deductions)
    .where(models.Deductions.valid_from <= bindparam("on"))
    .order_by(models.Deductions.valid_from.desc())
    .limit(1)
    .subquery()
)
_IN_FORCE = union_all(
    select(_OWN.c.name, _OWN.c.value),
    *(select(literal_column(f"'{name}'"), _DEDUCTIONS.c[name]) for name in TOLD),
    *(select(literal_column(f"'{name}'"), cast(_DEDUCTIONS.c[name], Integer)) for name in _TOLD_BY_ITS_RULES),
)


async def get_values(session: Reader, on: date) -> dict[str, Decimal]:
    """Each parameter's value on the day *on*."""
    rows = await session.execute(_IN_FORCE, {"on": on})
    return dict(rows.all())


async def keep_deductions(session: AsyncSession, told: heard.DeductionsLaidDown, event: Event) -> None:
    taken = {name: getattr(told, name) for name in TOLD + _TOLD_BY_ITS_RULES}
    await put_newest(session, models.Deductions, {"valid_from": told.valid_from}, taken, event=event)
