"""Money whose owner has closed their account."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.shared.standing.tables import PersonStanding, PersonStatus
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import AccountKind, LedgerAccount, LedgerTransfer, UnclaimedCredit, UnclaimedPayout

_OF_CLOSED = (
    select(LedgerAccount.id, PersonStanding.user_id)
    .join(PersonStanding, PersonStanding.user_id == LedgerAccount.owner_id)
    .where(
        is_any_of(LedgerAccount.id, "ids"),
        LedgerAccount.kind == AccountKind.AVAILABLE,
        PersonStanding.status == PersonStatus.CLOSED,
    )
)

_BROUGHT_AND_SETTLED = (
    select(UnclaimedCredit.id)
    .where(is_any_of(UnclaimedCredit.transfer_id, "ids"), UnclaimedCredit.settled_by.is_not(None))
    .limit(1)
)


async def list_of_closed(session: AsyncSession, account_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of *account_ids* that are the available money of somebody who has closed their account, with who it is."""
    rows = await session.execute(_OF_CLOSED, {"ids": account_ids})
    return {row.id: row.user_id for row in rows}


async def add_credits(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(insert(UnclaimedCredit), rows)


async def sum_open(session: Reader) -> int:
    total = await session.scalar(
        select(func.coalesce(func.sum(UnclaimedCredit.amount_minor), 0)).where(UnclaimedCredit.settled_by.is_(None))
    )
    return int(total or 0)


async def list_open(
    session: Reader, *, before: UUID | None, limit: int
) -> Sequence[tuple[UnclaimedCredit, LedgerTransfer]]:
    """Credits that nobody has decided on, with the transfers that brought them, newest first."""
    statement = (
        select(UnclaimedCredit, LedgerTransfer)
        .join(LedgerTransfer, UnclaimedCredit.transfer_id == LedgerTransfer.id)
        .where(UnclaimedCredit.settled_by.is_(None))
        .order_by(UnclaimedCredit.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(UnclaimedCredit.id < before)
    return [(credit, transfer) for credit, transfer in await session.execute(statement)]


async def lock_credit(session: AsyncSession, credit_id: UUID) -> UnclaimedCredit | None:
    return await session.get(UnclaimedCredit, credit_id, with_for_update=True, populate_existing=True)


async def lock_brought_by(session: AsyncSession, transfer_id: UUID) -> UnclaimedCredit | None:
    """The credit that a transfer with one credited person brought to suspense, if it did."""
    statement = select(UnclaimedCredit).where(UnclaimedCredit.transfer_id == transfer_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def lock_settled_by(session: AsyncSession, transfer_id: UUID) -> UnclaimedCredit | None:
    statement = select(UnclaimedCredit).where(UnclaimedCredit.settled_by == transfer_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def has_brought_what_is_settled(session: Reader, transfer_ids: Sequence[UUID]) -> bool:
    """Whether one of these transfers brought a credit to suspense that has been decided on."""
    found = await session.scalar(_BROUGHT_AND_SETTLED, {"ids": transfer_ids})
    return found is not None


async def is_reference_used(session: Reader, bank_reference: str) -> bool:
    found = await session.scalar(
        select(UnclaimedPayout.transfer_id).where(UnclaimedPayout.bank_reference == bank_reference)
    )
    return found is not None


async def add_payout(session: AsyncSession, *, transfer_id: UUID, bank_reference: str) -> bool:
    """False when that payment of the bank's is entered already."""
    row = {"transfer_id": transfer_id, "bank_reference": bank_reference}
    added = upsert(UnclaimedPayout).values(row).on_conflict_do_nothing().returning(UnclaimedPayout.transfer_id)
    return await session.scalar(added) is not None
