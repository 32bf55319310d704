"""Adds copies to one domain's database, a few in each transaction, so that each copy is there whole or not at all."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from seeding import rules
from seeding.catalogue import Table
from seeding.copies import NUMBER, Copy, is_copy
from seeding.told import Filling, Template

AT_ONCE = 10
"""Copies in a transaction. Every entry on one of the platform's accounts changes the same row of balances: in a long
transaction each change would have to be looked for among all before it."""
SAY_SECONDS = 5.0


@dataclass
class Progress:
    """What has been added so far."""

    target: int
    copies: dict[str, int]
    """By domain, how many are there."""
    rows: dict[str, int] = field(default_factory=dict)
    """By `domain.table`, of this run."""
    begun_at: float = field(default_factory=time.monotonic)

    def note(self, domain: str, last: int, added: Mapping[str, int]) -> None:
        self.copies[domain] = last
        for table, rows in added.items():
            place = f"{domain}.{table}"
            self.rows[place] = self.rows.get(place, 0) + rows

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun_at

    def line(self) -> str:
        rows, whole = sum(self.rows.values()), min(self.copies.values())
        speed = rows / max(self.seconds, 0.001)
        return f"{whole} of {self.target} copies are whole; {rows:,} rows added, {speed:,.0f} a second"

    async def say(self) -> None:
        """Every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(SAY_SECONDS)
            print(f"  {self.line()}", flush=True)


async def last_copy(connection: asyncpg.Connection, template: Template) -> int:
    """The number of the last copy that is there; 0 without one."""
    if template.anchor is None:
        return 0
    table, name = template.anchor
    number: int | None = await connection.fetchval(
        f'SELECT max({NUMBER.format(id=name)}) FROM "{table}" WHERE {is_copy(name)}'  # noqa: S608  # our own names
    )
    return number or 0


async def fill(connection: asyncpg.Connection, template: Template, progress: Progress) -> None:
    """Add the copies that are missing after those that *progress* knows of."""
    for start in range(progress.copies[template.domain] + 1, progress.target + 1, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, progress.target + 1))
        copies = [Copy(number, template.shared) for number in numbers]
        async with connection.transaction():
            for filling in template.fillings:
                await _add(connection, filling, copies)
            for filling in template.fillings:
                await _end(connection, filling, copies)
        added: Counter[str] = Counter()
        for filling in template.fillings:
            added[filling.table.name] += filling.row_count * len(copies)
            if filling.partner:
                added[filling.partner.name] += len(filling.pairs) * len(copies)
        progress.note(template.domain, numbers[-1], added)


async def _add(connection: asyncpg.Connection, filling: Filling, copies: Sequence[Copy]) -> None:
    if filling.pairs:
        await _add_pairs(connection, filling, copies)
    if not filling.rows:
        return
    columns = list(filling.table.columns)
    rows = [row.of(copy) for copy in copies for row in filling.rows]
    if made := rules.MADE_BY.get((filling.table.domain, filling.table.name)):
        column, statement = made
        await connection.executemany(statement, [(row[columns.index(column)],) for row in rows])
    else:
        await connection.copy_records_to_table(filling.table.name, records=rows, columns=columns)


async def _end(connection: asyncpg.Connection, filling: Filling, copies: Sequence[Copy]) -> None:
    """Change to what they were the rows that had to begin otherwise."""
    ends = [row.ends_as for row in filling.rows if row.ends_as is not None]
    if not ends:
        return
    columns, (key,) = list(filling.table.columns), filling.table.key
    changed = list(rules.BEGIN_AS[(filling.table.domain, filling.table.name)])
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(changed, start=2))
    places = [columns.index(name) for name in (key, *changed)]
    await connection.executemany(
        f'UPDATE "{filling.table.name}" SET {sets} WHERE {key} = $1',  # noqa: S608  # our own names
        [[values[place] for place in places] for copy in copies for row in ends for values in (row.of(copy),)],
    )


async def _add_pairs(connection: asyncpg.Connection, filling: Filling, copies: Sequence[Copy]) -> None:
    """Keys are checked when a statement ends, so one adds both that refer to each other."""
    assert filling.partner is not None  # noqa: S101  # pairs have one
    mine, theirs = len(filling.table.columns), len(filling.partner.columns)
    statement = (
        f"WITH partner AS ({_insert(filling.partner, range(mine + 1, mine + theirs + 1))}) "
        f"{_insert(filling.table, range(1, mine + 1))}"
    )
    rows = [(*one.of(copy), *other.of(copy)) for copy in copies for one, other in filling.pairs]
    await connection.executemany(statement, rows)


def _insert(table: Table, numbers: range) -> str:
    columns, values = ", ".join(table.columns), ", ".join(f"${number}" for number in numbers)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({values})'  # noqa: S608  # our own names
