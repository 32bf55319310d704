"""Verified places of the books: where every chain stood, and which rows were written since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader, SnapshotSession
from subgraphs.wallet.models import VerifiedPlace

AGE_MAX = 2**31 - 1
"""The greatest age that PostgreSQL gives a row."""


@dataclass(frozen=True)
class Since:
    """What a check looks at: chains from a verified place on, and rows that are no older than it."""

    place: int = 0
    age: int = AGE_MAX
    """By PostgreSQL's `age(xmin)`: how many transactions ago, at most, a row was written that is looked at."""
    verified_at: datetime | None = None
    entries: int = 0
    """Those before the place."""

    @property
    def is_everything(self) -> bool:
        """Whether all rows are looked at."""
        return self.age == AGE_MAX


FROM_THE_START = Since()

WRITTEN = "age({row}.xmin) <= CAST(:age AS integer)"
"""
Whether a row, by its alias, was written since: added or changed, by whomever and whatever times it says.

PostgreSQL notes with each row which transaction wrote it, and no right to change a table reaches that.
"""

VERIFIED = """(
    SELECT DISTINCT ON (account_id) account_id, entry_count, balance_minor, last_hash FROM verified_chains
    WHERE place <= CAST(:place AS bigint) ORDER BY account_id, place DESC)"""
"""Where the chains stood at the place; none before the first."""

_DIGEST = """
    SELECT get_byte(uuid_send(account_id), 0) AS part, sha256(string_agg(
        uuid_send(account_id) || int8send(entry_count) || int8send(balance_minor) || last_hash, ''::bytea
        ORDER BY account_id)) AS hash
    FROM {chains} AS chain GROUP BY 1 ORDER BY 1
"""
_DIGEST_NOW = text(_DIGEST.format(chains="ledger_balances"))
_DIGEST_THEN = text(_DIGEST.format(chains=VERIFIED))
_LAST = select(VerifiedPlace).order_by(VerifiedPlace.number.desc()).limit(1)
_STANDING = text("""
    SELECT (SELECT system_identifier::text FROM pg_control_system()) AS server,
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS written_before
""")
# In this transaction ages are counted from one moment.
_AGE = text("SELECT age(CAST(CAST(CAST(:written_before AS bigint) % 4294967296 AS text) AS xid)) AS age")
_NEW_ENTRIES = text(f"""
    SELECT coalesce(sum(balance.entry_count - coalesce(verified.entry_count, 0)), 0)::bigint
    FROM ledger_balances AS balance LEFT JOIN {VERIFIED} AS verified ON verified.account_id = balance.account_id
""")  # noqa: S608  # our own text
_GONE = text(f"""
    SELECT verified.account_id, verified.entry_count FROM {VERIFIED} AS verified
    WHERE NOT EXISTS (SELECT FROM ledger_balances AS balance
        JOIN ledger_accounts AS account ON account.id = balance.account_id
        WHERE balance.account_id = verified.account_id)
    ORDER BY verified.account_id
""")  # noqa: S608  # our own text
_ADD_CHAINS = text(f"""
    INSERT INTO verified_chains (account_id, place, entry_count, balance_minor, last_hash)
    SELECT account_id, CAST(:number AS bigint), entry_count, balance_minor, last_hash FROM ledger_balances
    EXCEPT SELECT account_id, CAST(:number AS bigint), entry_count, balance_minor, last_hash FROM {VERIFIED} AS verified
""")  # noqa: S608  # our own text


async def find_last_place(session: Reader) -> VerifiedPlace | None:
    found: VerifiedPlace | None = await session.scalar(_LAST)
    return found


async def find_place(session: Reader, number: int) -> VerifiedPlace | None:
    return await session.get(VerifiedPlace, number)


async def get_standing(session: Reader) -> tuple[str, int]:
    """The server's own name, and the lowest number of a transaction that is under way."""
    row = (await session.execute(_STANDING)).one()
    return row.server, row.written_before


async def age_of(session: Reader, written_before: int) -> int:
    """How old rows of that transaction are by now; below zero where it is still to come."""
    return int(await session.scalar(_AGE, {"written_before": written_before}))


async def list_digest_parts(session: Reader, *, place: int | None = None) -> list[Row[Any]]:
    """A hash for all chains whose account's id begins with one byte, now or as they stood at a place."""
    if place is None:
        return list(await session.execute(_DIGEST_NOW))
    return list(await session.execute(_DIGEST_THEN, {"place": place}))


async def count_entries(session: Reader, since: Since) -> int:
    """How many entries have come since."""
    return int(await session.scalar(_NEW_ENTRIES, {"place": since.place}))


async def list_gone(session: Reader, since: Since) -> list[Row[Any]]:
    """Accounts that stood at the place, and are not there any more."""
    return list(await session.execute(_GONE, {"place": since.place}))


async def export_snapshot(session: SnapshotSession) -> str:
    """A name by which another transaction sees what this one sees, as long as this one lasts."""
    return str(await session.scalar(text("SELECT pg_export_snapshot()")))


async def see_snapshot(session: AsyncSession, name: str) -> None:
    """To be asked before anything else of the transaction."""
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    # A name that the server gave.
    await session.execute(text(f"SET TRANSACTION SNAPSHOT '{name}'"))


async def add_place(session: AsyncSession, place: VerifiedPlace) -> None:
    """With all chains that have moved since the one before it. Raises IntegrityError when the number is taken."""
    session.add(place)
    await session.flush()
    await session.execute(_ADD_CHAINS, {"number": place.number, "place": place.number - 1})
