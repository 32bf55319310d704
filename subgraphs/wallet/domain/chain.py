"""
The hash chain: every entry of an account carries the hash of the one before it.

    hash = SHA-256(previous hash ‖ account | sequence | entry | side | amount | balance after
                   | transfer | kind | cause | reference | reversed transfer or - | microseconds since 1970
                   | the same of when it was recorded | clock)      unless it is from before these were recorded

The first previous hash is that of the account's id. The database computes the hashes as entries are added; here they
are computed again, from nothing but the rows, so that a row changed behind the database's back shows. Whoever could
write a whole chain anew would still have to match the digest of all chains that was noted somewhere else.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud, models

BATCH = 500
"""Read at once: so few that who checks beside other work holds it up by a few milliseconds at a time."""
PROBLEMS_MAX = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class ChainReport:
    """What a verification found."""

    entries: int = 0
    problems: list[str] = field(default_factory=list)
    digest: str = ""
    """SHA-256 over all accounts' last hashes. Note it elsewhere to prove later that no chain was written anew."""


def first_hash(account_id: UUID) -> bytes:
    return hashlib.sha256(str(account_id).encode()).digest()


def entry_hash(previous: bytes, entry: models.LedgerEntry, transfer: models.LedgerTransfer) -> bytes:
    """The hash that *entry* has to carry after *previous*."""
    content: tuple[object, ...] = (
        entry.account_id,
        entry.sequence,
        entry.id,
        entry.side.value,
        entry.amount_minor,
        entry.balance_after_minor,
        transfer.id,
        transfer.kind.value,
        transfer.cause_id,
        transfer.reference_id,
        transfer.reverses_id or "-",
        _microseconds(transfer.occurred_at),
    )
    if transfer.recorded_at is not None:
        content = (*content, _microseconds(transfer.recorded_at), transfer.clock)
    return hashlib.sha256(previous + "|".join(map(str, content)).encode()).digest()


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


async def verify_chains(session: Reader, *, batch: int = BATCH) -> ChainReport:
    """Follow every account's chain from its first entry to the last that the account says it has."""
    report = ChainReport()
    heads = {row.id: row for row in await crud.books.list_heads(session)}
    reached = {account_id: (0, first_hash(account_id)) for account_id in heads}
    async for entry, transfer in crud.books.stream_chains(session, batch=batch):
        report.entries += 1
        count, previous = reached[entry.account_id]
        expected = entry_hash(previous, entry, transfer)
        if (entry.sequence, entry.previous_hash, entry.hash) != (count + 1, previous, expected):
            _note(report, f"{heads[entry.account_id].code}: entry {entry.sequence} ({entry.id}) breaks the chain")
        # Go on from what is written, so that one broken entry is named once.
        reached[entry.account_id] = (entry.sequence, entry.hash)
    digest = hashlib.sha256()
    for account_id, head in heads.items():
        if reached[account_id] != (head.entry_count, head.last_hash):
            _note(report, f"{head.code}: the chain ends at entry {reached[account_id][0]}, not {head.entry_count}")
        digest.update(account_id.bytes + head.last_hash)
    report.digest = digest.hexdigest()
    return report


def _note(report: ChainReport, problem: str) -> None:
    if len(report.problems) < PROBLEMS_MAX:
        report.problems.append(problem)
