"""Bank accounts that withdrawals may go to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import BankAccount, BankAccountToSeal, Withdrawal


async def find_in_use(session: AsyncSession, bank_account_id: UUID, *, user_id: UUID) -> BankAccount | None:
    found: BankAccount | None = await session.scalar(
        select(BankAccount).where(
            BankAccount.id == bank_account_id,
            BankAccount.user_id == user_id,
            BankAccount.removed_at.is_(None),
            BankAccount.details_sealed.is_not(None),
        )
    )
    return found


async def find_same(session: AsyncSession, *, user_id: UUID, fingerprint: bytes) -> BankAccount | None:
    """The person's account in use with this fingerprint."""
    found: BankAccount | None = await session.scalar(
        select(BankAccount).where(
            BankAccount.user_id == user_id, BankAccount.fingerprint == fingerprint, BankAccount.removed_at.is_(None)
        )
    )
    return found


async def get_bank_account(session: Reader, bank_account_id: UUID) -> BankAccount:
    return await session.get_one(BankAccount, bank_account_id)


async def count_in_use(session: AsyncSession, user_id: UUID) -> int:
    count = await session.scalar(
        select(func.count()).where(BankAccount.user_id == user_id, BankAccount.removed_at.is_(None))
    )
    return int(count or 0)


_IN_USE = (
    select(BankAccount)
    .where(
        is_any_of(BankAccount.user_id, "user_ids"),
        BankAccount.removed_at.is_(None),
        BankAccount.details_sealed.is_not(None),
    )
    .order_by(BankAccount.registered_at, BankAccount.id)
)


async def list_kept_of(session: Reader, user_id: UUID) -> Sequence[BankAccount]:
    """All of a person that are kept, also those that are not used any more."""
    kept = select(BankAccount).where(BankAccount.user_id == user_id)
    return (await session.scalars(kept.order_by(BankAccount.registered_at, BankAccount.id))).all()


async def list_in_use(session: Reader, user_ids: Collection[UUID]) -> Sequence[BankAccount]:
    return (await session.scalars(_IN_USE, {"user_ids": user_ids})).all()


_OF_PERSON = select(BankAccount).where(is_any_of(BankAccount.id, "ids"), BankAccount.user_id == bindparam("user_id"))


async def list_by_id(session: Reader, bank_account_ids: Collection[UUID], *, user_id: UUID) -> dict[UUID, BankAccount]:
    """Accounts of one person by id, removed ones too: withdrawals went to them."""
    found = await session.scalars(_OF_PERSON, {"ids": bank_account_ids, "user_id": user_id})
    return {account.id: account for account in found}


async def erase(session: AsyncSession, user_id: UUID, *, at: datetime, kept_until: datetime) -> None:
    """
    Forget a person's accounts. Where withdrawals went to stays, sealed, until *kept_until*.

    The rows themselves stay: withdrawals name them.
    """
    mine = update(BankAccount).where(BankAccount.user_id == user_id)
    received = exists().where(Withdrawal.bank_account_id == BankAccount.id)
    await session.execute(mine.values(fingerprint=None, removed_at=func.coalesce(BankAccount.removed_at, at)))
    await session.execute(mine.where(~received).values(details_sealed=None))
    await session.execute(mine.where(received, BankAccount.kept_until.is_(None)).values(kept_until=kept_until))
    await session.execute(
        delete(BankAccountToSeal).where(
            BankAccountToSeal.id.in_(select(BankAccount.id).where(BankAccount.user_id == user_id, ~received))
        )
    )


async def erase_kept(session: AsyncSession, *, until: datetime) -> None:
    """Forget what had to be kept and need not be any more."""
    over = update(BankAccount).where(BankAccount.kept_until <= until)
    await session.execute(over.values(details_sealed=None, fingerprint=None, kept_until=None))


async def lock_to_seal(session: AsyncSession, *, limit: int) -> Sequence[BankAccountToSeal]:
    """What still lies in the clear; rows that another process has locked are left to it."""
    waiting = select(BankAccountToSeal).order_by(BankAccountToSeal.id).limit(limit)
    return (await session.scalars(waiting.with_for_update(skip_locked=True))).all()


async def lock_person(session: AsyncSession, user_id: UUID) -> None:
    """Let registrations of one person take turns: only then can they be counted."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"bank accounts:{user_id}"}
    )
