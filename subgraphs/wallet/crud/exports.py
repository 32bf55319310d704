"""
The ledger's rows as files have them: oldest first, a part at a time, and only the columns that are printed.

A file may have tens of thousands of rows. Read at once they would keep the event loop from everybody else.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from subgraphs.shared.reading import Reader
from subgraphs.wallet.models import LedgerAccount, LedgerEntry, LedgerTransfer, Side, TransferKind

PART = 500
"""Rows, or transfers with their entries, that are read at once."""


class Movement(NamedTuple):
    """A change of one account."""

    sequence: int
    occurred_at: datetime
    kind: TransferKind
    side: Side
    amount_minor: int
    balance_after_minor: int
    reference_id: UUID


class Posting(NamedTuple):
    """One entry of a transfer, and the transfer."""

    transfer_id: UUID
    occurred_at: datetime
    kind: TransferKind
    reference_id: UUID
    reverses_id: UUID | None
    side: Side
    amount_minor: int
    account_code: str
    owner_id: UUID | None


async def read_movements(
    session: Reader,
    account_id: UUID,
    *,
    since: datetime | None,
    until: datetime | None,
    kinds: Sequence[TransferKind] | None,
) -> AsyncIterator[Sequence[Movement]]:
    """An account's entries in the order of its chain, in parts; *since* is inclusive, *until* is not."""
    statement = (
        select(
            LedgerEntry.sequence,
            LedgerTransfer.occurred_at,
            LedgerTransfer.kind,
            LedgerEntry.side,
            LedgerEntry.amount_minor,
            LedgerEntry.balance_after_minor,
            LedgerTransfer.reference_id,
        )
        .join(LedgerTransfer, LedgerEntry.transfer_id == LedgerTransfer.id)
        .where(LedgerEntry.account_id == account_id, *_restrictions(since, until, kinds))
        .order_by(LedgerEntry.sequence)
        .limit(PART)
    )
    after = 0
    while rows := (await session.execute(statement.where(LedgerEntry.sequence > after))).all():
        yield [Movement(*row) for row in rows]
        after = rows[-1].sequence


async def find_balance_before(session: Reader, account_id: UUID, at: datetime) -> int:
    """What was on an account when *at* began."""
    statement = (
        select(LedgerEntry.balance_after_minor)
        .join(LedgerTransfer, LedgerEntry.transfer_id == LedgerTransfer.id)
        .where(LedgerEntry.account_id == account_id, LedgerTransfer.occurred_at < at)
        .order_by(LedgerEntry.sequence.desc())
        .limit(1)
    )
    return await session.scalar(statement) or 0


async def read_postings(
    session: Reader,
    *,
    since: datetime | None,
    until: datetime | None,
    kinds: Sequence[TransferKind] | None,
    owner_id: UUID | None,
    reference_id: UUID | None,
) -> AsyncIterator[Sequence[Posting]]:
    """Transfers with all their entries, debits first, in parts that no transfer is divided between."""
    transfers = (
        select(LedgerTransfer.id, LedgerTransfer.occurred_at, LedgerTransfer.number)
        .where(*_restrictions(since, until, kinds))
        .order_by(LedgerTransfer.occurred_at, LedgerTransfer.number)
        .limit(PART)
    )
    if owner_id is not None:
        theirs = (
            select(LedgerEntry.transfer_id)
            .join(LedgerAccount, LedgerEntry.account_id == LedgerAccount.id)
            .where(LedgerAccount.owner_id == owner_id)
        )
        transfers = transfers.where(LedgerTransfer.id.in_(theirs))
    if reference_id is not None:
        transfers = transfers.where(LedgerTransfer.reference_id == reference_id)
    part = transfers
    while found := (await session.execute(part)).all():
        yield await _list_postings(session, [row.id for row in found])
        last = found[-1]
        part = transfers.where(
            LedgerTransfer.occurred_at >= last.occurred_at,  # which is what an index helps with
            tuple_(LedgerTransfer.occurred_at, LedgerTransfer.number) > (last.occurred_at, last.number),
        )


async def _list_postings(session: Reader, transfer_ids: Sequence[UUID]) -> Sequence[Posting]:
    statement = (
        select(
            LedgerTransfer.id,
            LedgerTransfer.occurred_at,
            LedgerTransfer.kind,
            LedgerTransfer.reference_id,
            LedgerTransfer.reverses_id,
            LedgerEntry.side,
            LedgerEntry.amount_minor,
            LedgerAccount.code,
            LedgerAccount.owner_id,
        )
        .join(LedgerEntry, LedgerEntry.transfer_id == LedgerTransfer.id)
        .join(LedgerAccount, LedgerEntry.account_id == LedgerAccount.id)
        .where(LedgerTransfer.id.in_(transfer_ids))
        .order_by(LedgerTransfer.occurred_at, LedgerTransfer.number, LedgerEntry.side.desc(), LedgerEntry.id)
    )
    return [Posting(*row) for row in await session.execute(statement)]


def _restrictions(
    since: datetime | None, until: datetime | None, kinds: Sequence[TransferKind] | None
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if since is not None:
        wanted.append(LedgerTransfer.occurred_at >= since)
    if until is not None:
        wanted.append(LedgerTransfer.occurred_at < until)
    if kinds is not None:
        wanted.append(LedgerTransfer.kind.in_(kinds))
    return wanted
