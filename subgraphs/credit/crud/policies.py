"""Dated platform parameters."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import CreditPolicy, GradeLimit


async def get_policy(session: AsyncSession, day: date) -> CreditPolicy:
    """The policy in force on *day*. Raises NoResultFound before the first one."""
    statement = (
        select(CreditPolicy)
        .where(CreditPolicy.effective_from <= day)
        .order_by(CreditPolicy.effective_from.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one()


async def list_grade_limits(session: AsyncSession, policy: CreditPolicy) -> dict[str, int]:
    """The most each grade may be lent under *policy*; absent grades nothing."""
    rows = await session.execute(
        select(GradeLimit.grade, GradeLimit.amount_max_minor).where(GradeLimit.effective_from == policy.effective_from)
    )
    return {row.grade: row.amount_max_minor for row in rows}
