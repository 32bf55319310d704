"""Bank accounts that withdrawals may go to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.wallet.models import BankAccount


async def find_in_use(session: AsyncSession, bank_account_id: UUID, *, user_id: UUID) -> BankAccount | None:
    found: BankAccount | None = await session.scalar(
        select(BankAccount).where(
            BankAccount.id == bank_account_id, BankAccount.user_id == user_id, BankAccount.removed_at.is_(None)
        )
    )
    return found


async def find_same(
    session: AsyncSession, *, user_id: UUID, bank_code: str, branch: str, account_number: str
) -> BankAccount | None:
    """The person's account in use with these numbers."""
    found: BankAccount | None = await session.scalar(
        select(BankAccount).where(
            BankAccount.user_id == user_id,
            BankAccount.bank_code == bank_code,
            BankAccount.branch == branch,
            BankAccount.account_number == account_number,
            BankAccount.removed_at.is_(None),
        )
    )
    return found


async def get_bank_account(session: AsyncSession, bank_account_id: UUID) -> BankAccount:
    return await session.get_one(BankAccount, bank_account_id)


async def count_in_use(session: AsyncSession, user_id: UUID) -> int:
    count = await session.scalar(
        select(func.count()).where(BankAccount.user_id == user_id, BankAccount.removed_at.is_(None))
    )
    return int(count or 0)


async def list_in_use(session: AsyncSession, user_ids: Collection[UUID]) -> Sequence[BankAccount]:
    statement = (
        select(BankAccount)
        .where(BankAccount.user_id.in_(user_ids), BankAccount.removed_at.is_(None))
        .order_by(BankAccount.registered_at, BankAccount.id)
    )
    return (await session.scalars(statement)).all()


async def list_by_id(
    session: AsyncSession, bank_account_ids: Collection[UUID], *, user_id: UUID
) -> dict[UUID, BankAccount]:
    """Accounts of one person by id, removed ones too: withdrawals went to them."""
    found = await session.scalars(
        select(BankAccount).where(BankAccount.id.in_(bank_account_ids), BankAccount.user_id == user_id)
    )
    return {account.id: account for account in found}


async def erase(session: AsyncSession, user_id: UUID, *, at: datetime) -> None:
    """Forget whose accounts they were and their numbers; the withdrawals that name them stay."""
    await session.execute(
        update(BankAccount)
        .where(BankAccount.user_id == user_id)
        .values(
            holder_name="",
            holder_cpf="",
            branch="",
            account_number="",
            removed_at=func.coalesce(BankAccount.removed_at, at),
        )
    )


async def lock_person(session: AsyncSession, user_id: UUID) -> None:
    """Let registrations of one person take turns: only then can they be counted."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"bank accounts:{user_id}"}
    )
