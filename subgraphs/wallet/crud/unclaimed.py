"""Money whose owner has closed their account."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.standing.tables import PersonStanding, PersonStatus
from subgraphs.shared.statements import is_any_of
from subgraphs.wallet.models import AccountKind, LedgerAccount, UnclaimedCredit

_OF_CLOSED = (
    select(LedgerAccount.id, PersonStanding.user_id)
    .join(PersonStanding, PersonStanding.user_id == LedgerAccount.owner_id)
    .where(
        is_any_of(LedgerAccount.id, "ids"),
        LedgerAccount.kind == AccountKind.AVAILABLE,
        PersonStanding.status == PersonStatus.CLOSED,
    )
)


async def list_of_closed(session: AsyncSession, account_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Those of *account_ids* that are the available money of somebody who has closed their account, with who it is."""
    rows = await session.execute(_OF_CLOSED, {"ids": account_ids})
    return {row.id: row.user_id for row in rows}


async def add_credits(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(insert(UnclaimedCredit), rows)


async def sum_credits(session: AsyncSession) -> int:
    total = await session.scalar(select(func.coalesce(func.sum(UnclaimedCredit.amount_minor), 0)))
    return int(total or 0)
