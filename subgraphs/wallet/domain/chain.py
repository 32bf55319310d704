"""
The hash chain: every entry of an account carries the hash of the one before it.

    hash = SHA-256(previous hash ‖ account | sequence | entry | side | amount | balance after
                   | transfer | kind | cause | reference | reversed transfer or - | microseconds since 1970
                   | the same of when it was recorded | clock)      unless it is from before these were recorded

The first previous hash is that of the account's id. The database computes the hashes as entries are added; here they
are computed again, from nothing but the rows, so that a row changed behind the database's back shows. Whoever could
write a whole chain anew would still have to match the digest of all chains that was noted somewhere else.

Chains are followed in portions, so that a million entries take no more memory than a thousand.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud
from subgraphs.wallet.crud.books import Portion
from subgraphs.wallet.crud.places import FROM_THE_START, Since
from subgraphs.wallet.domain.places import find_digest

BATCH = 500
"""Read at once: so few that who checks beside other work holds it up by a few milliseconds at a time."""
PROBLEMS_MAX = 100
BEYOND = 2**62
"""No entry's place in a chain."""


@dataclass
class ChainReport:
    """What a verification found."""

    entries: int = 0
    problems: list[str] = field(default_factory=list)
    digest: str = ""
    """SHA-256 over where all chains stand. Note it elsewhere to prove later that no chain was written anew."""


def first_hash(account_id: UUID) -> bytes:
    return hashlib.sha256(str(account_id).encode()).digest()


async def verify_chains(session: Reader, *, since: Since = FROM_THE_START, batch: int = BATCH) -> ChainReport:
    """Follow every account's chain from its first entry, or from a verified place, to the last it says it has."""
    report = ChainReport(entries=since.entries)
    async for accounts in crud.books.stream_accounts(session, since=since, batch=batch):
        reached = {row.id: (row.verified_count, row.verified_hash or first_hash(row.id)) for row in accounts}
        codes = {row.id: row.code for row in accounts}
        for portions in _portions(accounts, batch):
            for link in await crud.books.list_links(session, portions):
                report.entries += 1
                count, previous = reached[link.account_id]
                expected = hashlib.sha256(previous + link.content.encode()).digest()
                if (link.sequence, link.previous_hash, link.hash) != (count + 1, previous, expected):
                    code = codes[link.account_id]
                    _note(report, f"{code}: entry {link.sequence} ({link.id}) breaks the chain")
                # Go on from what is written, so that one broken entry is named once.
                reached[link.account_id] = (link.sequence, link.hash)
        for row in accounts:
            if reached[row.id] != (row.entry_count, row.last_hash):
                _note(report, f"{row.code}: {_end(row, reached[row.id][0])}")
    for row in await crud.places.list_gone(session, since):
        _note(report, f"account {row.account_id} is gone, of which {row.entry_count} entries were verified")
    report.digest = await find_digest(session)
    return report


def _end(account: Row[Any], reached: int) -> str:
    """What is wrong with the end of a chain."""
    if account.entry_count < account.verified_count:
        return f"the chain ends at entry {account.entry_count}, and was verified up to entry {account.verified_count}"
    if account.entry_count == account.verified_count == reached > 0:
        return f"entry {reached}, the last, is not the one that was verified"
    return f"the chain ends at entry {reached}, not {account.entry_count}"


def _portions(accounts: Sequence[Row[Any]], batch: int) -> Iterator[list[Portion]]:
    """What is to be followed of *accounts*, at most *batch* entries of it at a time; long chains in several parts."""
    portions, room = list[Portion](), batch
    for row in accounts:
        after = row.verified_count
        while row.entry_count - after > room:
            portions.append(Portion(row.id, after, after + room))
            after += room
            yield portions
            portions, room = [], batch
        # Also what is beyond the end that the account says it has.
        portions.append(Portion(row.id, after, BEYOND))
        room -= max(row.entry_count - after, 0)
    if portions:
        yield portions


def _note(report: ChainReport, problem: str) -> None:
    if len(report.problems) < PROBLEMS_MAX:
        report.problems.append(problem)
