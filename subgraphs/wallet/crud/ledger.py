"""The ledger's rows: written by statement, many at a time, because whole offerings are captured at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of, table_of
from subgraphs.wallet.models import LedgerAccount, LedgerBalance, LedgerEntry, LedgerTransfer, TransferKind

_LOCK = text("SELECT account_id, balance_minor FROM lock_ledger_balances(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Uuid))
)


async def add_accounts(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open accounts; those that are open stay as they are."""
    await session.execute(upsert(LedgerAccount).values(rows).on_conflict_do_nothing())


async def lock_balances(session: AsyncSession, account_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The balances of these accounts, locked in id order until the transaction ends."""
    ids = sorted(set(account_ids))
    if not ids:
        return {}
    rows = await session.execute(_LOCK, {"ids": ids})
    return {row.account_id: row.balance_minor for row in rows}


_ADD_TRANSFERS, _ADD_ENTRIES = insert(table_of(LedgerTransfer)), insert(table_of(LedgerEntry))


async def add_transfers(
    session: AsyncSession, transfers: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]]
) -> None:
    await session.execute(_ADD_TRANSFERS, transfers)
    await session.execute(_ADD_ENTRIES, entries)


async def get_balance(session: AsyncSession, account_id: UUID) -> int:
    statement = select(LedgerBalance.balance_minor).where(LedgerBalance.account_id == account_id)
    return (await session.execute(statement)).scalar_one()


async def find_transfer(session: Reader, transfer_id: UUID) -> LedgerTransfer | None:
    return await session.get(LedgerTransfer, transfer_id)


# By kind as well, which is what they are found by.
_OF_CAUSE = (
    select(LedgerTransfer)
    .where(LedgerTransfer.kind.in_(list(TransferKind)), LedgerTransfer.cause_id == bindparam("cause_id"))
    .order_by(LedgerTransfer.number)
)
_REVERSED = select(LedgerTransfer.reverses_id).where(is_any_of(LedgerTransfer.reverses_id, "ids"))


async def list_of_cause(session: Reader, cause_id: UUID) -> Sequence[LedgerTransfer]:
    """What one fact moved, the first transfer first."""
    return (await session.scalars(_OF_CAUSE, {"cause_id": cause_id})).all()


async def list_reversed(session: Reader, transfer_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these transfers that are undone."""
    return set(await session.scalars(_REVERSED, {"ids": transfer_ids}))


_WITH_ACCOUNTS = (
    select(LedgerEntry, LedgerAccount)
    .join(LedgerAccount, LedgerEntry.account_id == LedgerAccount.id)
    .where(is_any_of(LedgerEntry.transfer_id, "transfer_ids"))
    .order_by(LedgerEntry.transfer_id, LedgerEntry.side.desc(), LedgerEntry.id)
)


async def list_entries_with_accounts(
    session: Reader, transfer_ids: Sequence[UUID]
) -> Sequence[tuple[LedgerEntry, LedgerAccount]]:
    """The entries of these transfers with their accounts, debits first."""
    rows = await session.execute(_WITH_ACCOUNTS, {"transfer_ids": transfer_ids})
    return [(entry, account) for entry, account in rows]


async def list_accounts(session: AsyncSession, account_ids: Iterable[UUID]) -> Mapping[UUID, LedgerAccount]:
    found = await session.scalars(select(LedgerAccount).where(LedgerAccount.id.in_(list(account_ids))))
    return {account.id: account for account in found}


_MOVEMENTS = (
    select(LedgerEntry, LedgerTransfer)
    .join(LedgerTransfer, LedgerEntry.transfer_id == LedgerTransfer.id)
    .where(LedgerEntry.account_id == bindparam("account_id"))
    .order_by(LedgerEntry.sequence.desc())
    .limit(bindparam("limit"))
)


async def list_movements(
    session: Reader,
    account_id: UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[TransferKind] | None = None,
    before: UUID | None = None,
    limit: int,
) -> Sequence[tuple[LedgerEntry, LedgerTransfer]]:
    """An account's entries with their transfers, newest first; *since* is inclusive, *until* and *before* are not."""
    statement = _MOVEMENTS
    if since is not None:
        statement = statement.where(LedgerTransfer.occurred_at >= since)
    if until is not None:
        statement = statement.where(LedgerTransfer.occurred_at < until)
    if kinds is not None:
        statement = statement.where(LedgerTransfer.kind.in_(kinds))
    if before is not None:
        # The place in the chain is the order, whatever the clocks said.
        place = select(LedgerEntry.sequence).where(LedgerEntry.id == before, LedgerEntry.account_id == account_id)
        statement = statement.where(LedgerEntry.sequence < place.scalar_subquery())
    rows = await session.execute(statement, {"account_id": account_id, "limit": limit})
    return [(entry, transfer) for entry, transfer in rows]


_NEWEST_TRANSFERS = (
    select(LedgerTransfer)
    .order_by(LedgerTransfer.occurred_at.desc(), LedgerTransfer.id.desc())
    .limit(bindparam("limit"))
)


async def list_transfers(
    session: Reader,
    *,
    kinds: Sequence[TransferKind] | None,
    since: datetime | None,
    until: datetime | None,
    owner_id: UUID | None,
    reference_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[LedgerTransfer]:
    """Transfers, newest first."""
    statement = _NEWEST_TRANSFERS
    if kinds is not None:
        statement = statement.where(LedgerTransfer.kind.in_(kinds))
    if since is not None:
        statement = statement.where(LedgerTransfer.occurred_at >= since)
    if until is not None:
        statement = statement.where(LedgerTransfer.occurred_at < until)
    if reference_id is not None:
        statement = statement.where(LedgerTransfer.reference_id == reference_id)
    if owner_id is not None:
        theirs = (
            select(LedgerEntry.transfer_id)
            .join(LedgerAccount, LedgerEntry.account_id == LedgerAccount.id)
            .where(LedgerAccount.owner_id == owner_id)
        )
        statement = statement.where(LedgerTransfer.id.in_(theirs))
    if before is not None:
        statement = statement.where(tuple_(LedgerTransfer.occurred_at, LedgerTransfer.id) < before)
    return (await session.scalars(statement, {"limit": limit})).all()


async def list_history(
    session: Reader, account_ids: Sequence[UUID], *, limit: int
) -> Sequence[tuple[LedgerEntry, LedgerTransfer, LedgerAccount]]:
    """All entries of these accounts in the order they were posted; within a transfer, debits first."""
    statement = (
        select(LedgerEntry, LedgerTransfer, LedgerAccount)
        .join(LedgerTransfer, LedgerEntry.transfer_id == LedgerTransfer.id)
        .join(LedgerAccount, LedgerEntry.account_id == LedgerAccount.id)
        .where(LedgerEntry.account_id.in_(account_ids))
        .order_by(LedgerTransfer.number, LedgerEntry.side.desc(), LedgerEntry.sequence)
        .limit(limit)
    )
    return [(entry, transfer, account) for entry, transfer, account in await session.execute(statement)]


_BALANCES = select(LedgerBalance.account_id, LedgerBalance.balance_minor).where(
    is_any_of(LedgerBalance.account_id, "ids")
)


async def list_balances(session: Reader, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    return dict((await session.execute(_BALANCES, {"ids": account_ids})).all())


async def list_trial_balance(session: Reader) -> Sequence[tuple[LedgerAccount, int]]:
    """Accounts with entries, by code, with their balances."""
    statement = (
        select(LedgerAccount, LedgerBalance.balance_minor)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(LedgerBalance.entry_count > 0)
        .order_by(LedgerAccount.code)
    )
    return [(account, balance) for account, balance in await session.execute(statement)]
