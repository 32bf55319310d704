"""Questions about the whole ledger at once; each answers with what is wrong, and with nothing when all is well."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Row, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.ids import new_id
from subgraphs.shared.reading import Reader
from subgraphs.wallet.crud.places import VERIFIED, WRITTEN, Since
from subgraphs.wallet.models import BooksCheck

FIRST = UUID(int=0)
"""Before every account's id."""
IDS = bindparam("ids", type_=ARRAY(Uuid))

_UNBALANCED_TRANSFERS = """
    SELECT transfer.id, transfer.kind,
           coalesce(sum(CASE entry.side WHEN 'DEBIT' THEN entry.amount_minor ELSE -entry.amount_minor END), 0) AS sum
    FROM ledger_transfers AS transfer LEFT JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
    WHERE {which}
    GROUP BY transfer.id
    HAVING count(entry.id) < 2
        OR sum(CASE entry.side WHEN 'DEBIT' THEN entry.amount_minor ELSE -entry.amount_minor END) <> 0
    ORDER BY transfer.number
"""
_UNBALANCED = text(_UNBALANCED_TRANSFERS.format(which="true"))
_UNBALANCED_OF = text(_UNBALANCED_TRANSFERS.format(which="transfer.id = ANY(:ids)")).bindparams(IDS)
# What was verified, with the entries that have come since.
_WRONG_BALANCES = text(f"""
    SELECT account.code, balance.balance_minor, balance.entry_count,
           coalesce(verified.balance_minor, 0) + coalesce(summed.total, 0) AS total,
           coalesce(verified.entry_count, 0) + coalesce(summed.entries, 0) AS entries
    FROM ledger_accounts AS account
    LEFT JOIN ledger_balances AS balance ON balance.account_id = account.id
    LEFT JOIN {VERIFIED} AS verified ON verified.account_id = account.id
    LEFT JOIN (
        SELECT entry.account_id, count(*) AS entries,
               sum(CASE entry.side WHEN owner.normal_side THEN entry.amount_minor ELSE -entry.amount_minor END) AS total
        FROM ledger_entries AS entry JOIN ledger_accounts AS owner ON owner.id = entry.account_id
        LEFT JOIN {VERIFIED} AS earlier ON earlier.account_id = entry.account_id
        WHERE earlier.account_id IS NULL OR entry.sequence > earlier.entry_count
        GROUP BY entry.account_id
    ) AS summed ON summed.account_id = account.id
    WHERE balance.account_id IS NULL
       OR balance.balance_minor <> coalesce(verified.balance_minor, 0) + coalesce(summed.total, 0)
       OR balance.entry_count <> coalesce(verified.entry_count, 0) + coalesce(summed.entries, 0)
       OR (balance.balance_minor < 0 AND NOT account.may_go_negative)
       OR balance.may_go_negative <> account.may_go_negative
    ORDER BY account.code
""")  # noqa: S608  # our own text
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
_CHAINS = text("""
    SELECT account.id, account.code, balance.entry_count, balance.last_hash,
           coalesce(verified.entry_count, 0) AS verified_count, verified.last_hash AS verified_hash
    FROM ledger_accounts AS account
    JOIN ledger_balances AS balance ON balance.account_id = account.id
    LEFT JOIN LATERAL (
        SELECT chain.entry_count, chain.last_hash FROM verified_chains AS chain
        WHERE chain.account_id = account.id AND chain.place <= CAST(:place AS bigint)
        ORDER BY chain.place DESC LIMIT 1
    ) AS verified ON true
    WHERE account.id > :after AND (verified.entry_count IS NULL
        OR (balance.entry_count, balance.last_hash) <> (verified.entry_count, verified.last_hash))
    ORDER BY account.id LIMIT :limit
""")
_LINKS = text("""
    SELECT entry.account_id, entry.sequence, entry.id, entry.previous_hash, entry.hash, concat_ws('|',
        entry.account_id, entry.sequence, entry.id, entry.side, entry.amount_minor, entry.balance_after_minor,
        transfer.id, transfer.kind, transfer.cause_id, transfer.reference_id,
        coalesce(transfer.reverses_id::text, '-'), (extract(epoch FROM transfer.occurred_at) * 1000000)::bigint,
        (extract(epoch FROM transfer.recorded_at) * 1000000)::bigint, transfer.clock) AS content
    FROM unnest(:ids, :afters, :untils) AS part (account_id, after, until)
    JOIN ledger_entries AS entry ON entry.account_id = part.account_id
        AND entry.sequence > part.after AND entry.sequence <= part.until
    JOIN ledger_transfers AS transfer ON transfer.id = entry.transfer_id
    ORDER BY entry.account_id, entry.sequence
""").bindparams(IDS, bindparam("afters", type_=ARRAY(BigInteger)), bindparam("untils", type_=ARRAY(BigInteger)))
_CODES = text(f"""
    SELECT account.id, account.code FROM ledger_accounts AS account
    WHERE account.id > :after AND {WRITTEN.format(row="account")}
    ORDER BY account.id LIMIT :limit
""")  # noqa: S608  # our own text
_LAST_CHECK = select(BooksCheck).order_by(BooksCheck.checked_at.desc(), BooksCheck.id.desc()).limit(1)
_LAST_WHOLE_CHECK = _LAST_CHECK.where(BooksCheck.since.is_(None))

Found = list[Row[Any]]


class Portion(NamedTuple):
    """A part of an account's chain: after one entry, up to another."""

    account_id: UUID
    after: int
    until: int


async def lift_time_limit(session: Reader) -> None:
    """Let the following questions of this transaction take as long as they need."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))


async def list_unbalanced_transfers(session: Reader, ids: Sequence[UUID] | None = None) -> Found:
    """Of all transfers, or of these."""
    if ids is None:
        return list(await session.execute(_UNBALANCED))
    return list(await session.execute(_UNBALANCED_OF, {"ids": ids}))


async def list_wrong_balances(session: Reader, since: Since) -> Found:
    return list(await session.execute(_WRONG_BALANCES, {"place": since.place}))


async def list_open_escrows(session: Reader) -> Found:
    return list(await session.execute(_OPEN_ESCROWS))


async def list_open_distributions(session: Reader, *, overdue_before: datetime) -> Found:
    """Money of installments whose payouts are all credited, or should be by now."""
    return list(await session.execute(_OPEN_DISTRIBUTIONS, {"overdue_before": overdue_before}))


async def list_held_without_holds(session: Reader) -> Found:
    return list(await session.execute(_HELD_WITHOUT_HOLDS))


async def list_processing_without_withdrawals(session: Reader) -> Found:
    return list(await session.execute(_PROCESSING_WITHOUT_WITHDRAWALS))


async def stream_accounts(session: Reader, *, since: Since, batch: int) -> AsyncIterator[Found]:
    """
    Accounts whose chains are not where they were verified, in id order, in parts.

    With where they end and where they were: `verified_count`, and `verified_hash`, which is None before the first.
    """
    after = FIRST
    while rows := list(await session.execute(_CHAINS, {"place": since.place, "after": after, "limit": batch})):
        yield rows
        if len(rows) < batch:
            return
        after = rows[-1].id


async def list_links(session: Reader, portions: Sequence[Portion]) -> Found:
    """The entries of parts of chains with what their hashes are over, account by account, in the order of the chain."""
    values = {
        "ids": [portion.account_id for portion in portions],
        "afters": [portion.after for portion in portions],
        "untils": [portion.until for portion in portions],
    }
    return list(await session.execute(_LINKS, values))


async def stream_codes(session: Reader, *, since: Since, batch: int) -> AsyncIterator[Row[Any]]:
    """Ids and codes of the accounts that were opened or changed since."""
    after = FIRST
    while rows := (await session.execute(_CODES, {"age": since.age, "after": after, "limit": batch})).all():
        for row in rows:
            yield row
        if len(rows) < batch:
            return
        after = rows[-1].id


def add_check(
    session: AsyncSession,
    *,
    checked_at: datetime,
    since: int | None,
    entries: int,
    digest: str,
    problems: Sequence[str],
    not_asked: Sequence[str],
) -> None:
    """Keep what a check found."""
    session.add(
        BooksCheck(
            id=new_id(),
            checked_at=checked_at,
            since=since,
            entries=entries,
            digest=digest,
            problems=list(problems),
            not_asked=list(not_asked),
        )
    )


async def find_last_check(session: Reader) -> BooksCheck | None:
    found: BooksCheck | None = await session.scalar(_LAST_CHECK)
    return found


async def find_last_whole_check(session: Reader) -> BooksCheck | None:
    found: BooksCheck | None = await session.scalar(_LAST_WHOLE_CHECK)
    return found
