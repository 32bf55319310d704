"""Dated platform parameters."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.models import ContractPolicy, GradeRate


async def get_policy(session: AsyncSession, day: date) -> ContractPolicy:
    """The policy in force on *day*. Raises NoResultFound before the first one."""
    statement = (
        select(ContractPolicy)
        .where(ContractPolicy.effective_from <= day)
        .order_by(ContractPolicy.effective_from.desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one()


async def get_annual_rate(session: AsyncSession, policy: ContractPolicy, grade: str) -> Decimal:
    """What *grade* pays under *policy*. Raises NoResultFound for a grade that gets no CPR."""
    statement = select(GradeRate.annual_rate).where(
        GradeRate.effective_from == policy.effective_from, GradeRate.grade == grade
    )
    return (await session.scalars(statement)).one()
