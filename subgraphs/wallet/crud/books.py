"""Questions about the whole ledger at once; each answers with what is wrong, and with nothing when all is well."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.ids import new_id
from subgraphs.shared.reading import Reader
from subgraphs.wallet.models import BooksCheck, LedgerAccount, LedgerBalance, LedgerEntry, LedgerTransfer

_UNBALANCED_TRANSFERS = text("""
    SELECT transfer.id, transfer.kind,
           coalesce(sum(CASE entry.side WHEN 'DEBIT' THEN entry.amount_minor ELSE -entry.amount_minor END), 0) AS sum
    FROM ledger_transfers AS transfer LEFT JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
    GROUP BY transfer.id
    HAVING count(entry.id) < 2
        OR sum(CASE entry.side WHEN 'DEBIT' THEN entry.amount_minor ELSE -entry.amount_minor END) <> 0
    ORDER BY transfer.number
""")
_WRONG_BALANCES = text("""
    SELECT account.code, balance.balance_minor, balance.entry_count,
           coalesce(summed.total, 0) AS total, coalesce(summed.entries, 0) AS entries
    FROM ledger_accounts AS account
    LEFT JOIN ledger_balances AS balance ON balance.account_id = account.id
    LEFT JOIN (
        SELECT entry.account_id, count(*) AS entries,
               sum(CASE entry.side WHEN owner.normal_side THEN entry.amount_minor ELSE -entry.amount_minor END) AS total
        FROM ledger_entries AS entry JOIN ledger_accounts AS owner ON owner.id = entry.account_id
        GROUP BY entry.account_id
    ) AS summed ON summed.account_id = account.id
    WHERE balance.account_id IS NULL
       OR balance.balance_minor <> coalesce(summed.total, 0)
       OR balance.entry_count <> coalesce(summed.entries, 0)
       OR (balance.balance_minor < 0 AND NOT account.may_go_negative)
       OR balance.may_go_negative <> account.may_go_negative
    ORDER BY account.code
""")
_OPEN_ESCROWS = text("""
    SELECT account.code, balance.balance_minor
    FROM ledger_accounts AS account JOIN ledger_balances AS balance ON balance.account_id = account.id
    WHERE account.kind = 'ESCROW' AND balance.balance_minor <> 0
    ORDER BY account.code
""")
_OPEN_DISTRIBUTIONS = text("""
    SELECT account.code, balance.balance_minor, payment.confirmed_at
    FROM ledger_accounts AS account
    JOIN ledger_balances AS balance ON balance.account_id = account.id
    LEFT JOIN installment_payments AS payment ON payment.clearing_id = account.id
    LEFT JOIN (
        SELECT payment_id, count(*) AS credited, max(parts) AS parts FROM distribution_parts GROUP BY payment_id
    ) AS progress ON progress.payment_id = payment.id
    WHERE account.kind = 'DISTRIBUTION' AND balance.balance_minor <> 0
      AND (payment.id IS NULL OR payment.confirmed_at < :overdue_before OR progress.credited >= progress.parts)
    ORDER BY account.code
""")
_HELD_WITHOUT_HOLDS = text("""
    SELECT account.code, balance.balance_minor, coalesce(active.total, 0) AS expected
    FROM ledger_accounts AS account
    JOIN ledger_balances AS balance ON balance.account_id = account.id
    LEFT JOIN (
        SELECT user_id, sum(amount_minor) AS total FROM holds WHERE status = 'ACTIVE' GROUP BY user_id
    ) AS active ON active.user_id = account.owner_id
    WHERE account.kind = 'HELD' AND balance.balance_minor <> coalesce(active.total, 0)
    ORDER BY account.code
""")
_PROCESSING_WITHOUT_WITHDRAWALS = text("""
    SELECT account.code, balance.balance_minor, coalesce(moving.total, 0) AS expected
    FROM ledger_accounts AS account
    JOIN ledger_balances AS balance ON balance.account_id = account.id
    LEFT JOIN (
        SELECT user_id, sum(amount_minor) AS total FROM withdrawals
        WHERE status IN ('REQUESTED', 'SENT') GROUP BY user_id
    ) AS moving ON moving.user_id = account.owner_id
    WHERE account.kind = 'PROCESSING' AND balance.balance_minor <> coalesce(moving.total, 0)
    ORDER BY account.code
""")

Found = list[Row[Any]]


async def lift_time_limit(session: Reader) -> None:
    """Let the following questions of this transaction take as long as they need."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))


async def list_unbalanced_transfers(session: Reader) -> Found:
    return list(await session.execute(_UNBALANCED_TRANSFERS))


async def list_wrong_balances(session: Reader) -> Found:
    return list(await session.execute(_WRONG_BALANCES))


async def list_open_escrows(session: Reader) -> Found:
    return list(await session.execute(_OPEN_ESCROWS))


async def list_open_distributions(session: Reader, *, overdue_before: datetime) -> Found:
    """Money of installments whose payouts are all credited, or should be by now."""
    return list(await session.execute(_OPEN_DISTRIBUTIONS, {"overdue_before": overdue_before}))


async def list_held_without_holds(session: Reader) -> Found:
    return list(await session.execute(_HELD_WITHOUT_HOLDS))


async def list_processing_without_withdrawals(session: Reader) -> Found:
    return list(await session.execute(_PROCESSING_WITHOUT_WITHDRAWALS))


async def list_heads(session: Reader) -> Found:
    """Every account's last hash and number of entries, by id."""
    statement = (
        select(LedgerAccount.id, LedgerAccount.code, LedgerBalance.entry_count, LedgerBalance.last_hash)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .order_by(LedgerAccount.id)
    )
    return list(await session.execute(statement))


async def stream_chains(session: Reader, *, batch: int) -> AsyncIterator[tuple[LedgerEntry, LedgerTransfer]]:
    """All entries with their transfers, account by account, in the order of their chains."""
    after: tuple[UUID, int] | None = None
    while True:
        statement = (
            select(LedgerEntry, LedgerTransfer)
            .join(LedgerTransfer, LedgerEntry.transfer_id == LedgerTransfer.id)
            .order_by(LedgerEntry.account_id, LedgerEntry.sequence)
            .limit(batch)
        )
        if after is not None:
            statement = statement.where(tuple_(LedgerEntry.account_id, LedgerEntry.sequence) > after)
        rows = (await session.execute(statement)).all()
        for entry, transfer in rows:
            yield entry, transfer
        if len(rows) < batch:
            return
        after = (rows[-1][0].account_id, rows[-1][0].sequence)


def add_check(
    session: AsyncSession,
    *,
    checked_at: datetime,
    entries: int,
    digest: str,
    problems: Sequence[str],
    not_asked: Sequence[str],
) -> None:
    """Keep what a check of the whole found."""
    session.add(
        BooksCheck(
            id=new_id(),
            checked_at=checked_at,
            entries=entries,
            digest=digest,
            problems=list(problems),
            not_asked=list(not_asked),
        )
    )


async def find_last_check(session: Reader) -> BooksCheck | None:
    found: BooksCheck | None = await session.scalar(
        select(BooksCheck).order_by(BooksCheck.checked_at.desc(), BooksCheck.id.desc()).limit(1)
    )
    return found
