"""
What was told in one domain, read once and made ready: of each row what stays and what each copy has of its own.

The general rule, by a column's type: ids, moments, and ids and names within texts and JSON are the copy's own; all else
is as it was told. `rules.py` and `remade.py` say what is otherwise.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg

from seeding import rules
from seeding.catalogue import Table, read_tables
from seeding.copies import Copy, Shared
from seeding.remade import PEOPLE_MAX, REMADE, Told
from seeding.wording import Wording
from subgraphs.shared.vault import Vault
from subgraphs.wallet.domain import chart

AS_TOLD = frozenset({"bigint", "integer", "smallint", "numeric", "boolean", "date", "bytea"})
"""Types whose values every copy has alike."""
KNOWN_TYPES = AS_TOLD | {"uuid", "uuid[]", "timestamp with time zone", "text", "text[]", "jsonb"}
OWNERS = ("user_id", "owner_id")
"""Whose a row is, where it says so."""

Made = Callable[[Copy], Any]


class CannotCopy(Exception):
    """What was told cannot be copied, or not now; the message says why and what to do."""


@dataclass(frozen=True)
class RowOfCopies:
    values: list[Any]
    made: list[tuple[int, Made]]
    ends_as: "RowOfCopies | None" = None
    """What it has to be changed to when all rows are there."""

    def of(self, copy: Copy) -> list[Any]:
        values = self.values.copy()
        for place, make in self.made:
            values[place] = make(copy)
        return values


@dataclass(frozen=True)
class Filling:
    """What one table gets of each copy."""

    table: Table
    rows: Sequence[RowOfCopies]
    pairs: Sequence[tuple[RowOfCopies, RowOfCopies]] = ()
    """Rows that have to be added together with one of *partner*, beside those above."""
    partner: Table | None = None

    @property
    def row_count(self) -> int:
        return len(self.rows) + len(self.pairs)


@dataclass(frozen=True)
class Template:
    domain: str
    shared: Shared
    fillings: Sequence[Filling]
    anchor: tuple[str, str] | None
    """A table and its id, by which to see what copies there are; None where nothing was told."""

    @property
    def row_count(self) -> int:
        return sum(len(filling.rows) + 2 * len(filling.pairs) for filling in self.fillings)


@dataclass
class People:
    """Who was told of: accounts' part of it, which the other domains need."""

    staff: frozenset[UUID]
    tax_ids: dict[str, int]


async def read_people(accounts: asyncpg.Connection, vault: Vault) -> People:
    """Raises CannotCopy."""
    tables = {table.name: table for table in await read_tables(accounts, "accounts")}
    users = await accounts.fetch(tables["users"].told_rows)
    if len(users) > PEOPLE_MAX:
        raise CannotCopy(f"{len(users)} people were told of; a copy has places for {PEOPLE_MAX}.")
    tax_ids = {
        vault.open(user[f"{kind}_sealed"], use=kind, place=user["id"]).decode(): place
        for place, user in enumerate(users)
        for kind in ("cpf", "cnpj")
        if user[f"{kind}_sealed"] is not None
    }
    return People(frozenset(user["id"] for user in users if user["staff_roles"]), tax_ids)


async def read_template(connection: asyncpg.Connection, domain: str, vault: Vault | None, people: People) -> Template:
    """All that was told in *domain*, as one moment shows it. Raises CannotCopy."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        tables = await read_tables(connection, domain)
        if unknown := list(not_known(tables)):
            raise CannotCopy("; ".join(unknown))
        rows = {table.name: await connection.fetch(table.told_rows) for table in tables}
    names = {row[name] for table in tables for name in table.names for row in rows[table.name]} - {None}
    ids = {row[name] for table in tables for name in table.of_type("uuid") for row in rows[table.name]} - {None}
    told = Told(vault, Wording(names, ids), people.tax_ids, {})
    shared, staffs = people.staff | chart.PLATFORM, frozenset[UUID]()
    fillings = []
    for table in tables:
        mine: list[asyncpg.Record] = []
        others: list[asyncpg.Record] = []
        for row in rows[table.name]:
            is_staffs = _is_staffs(table, row, people.staff, staffs)
            (others if is_staffs or _is_everybodys(table, row, shared, told.wording) else mine).append(row)
        single = frozenset(row[name] for row in others for name in table.of_type("uuid") if table.key == (name,))
        shared, staffs = shared | single, staffs | single - people.staff - chart.PLATFORM
        told.rows[table.name] = mine
        fillings.append(Filling(table, [_row_of_copies(table, row, told) for row in mine]))
    fillings = _paired(fillings, told)
    accounts = {
        row["id"]: made
        for row in told.rows.get("ledger_accounts", [])
        if (made := told.wording.of(row["code"])) is not None
    }
    anchor = next(
        (
            (filling.table.name, name)
            for filling in fillings
            for name in filling.table.of_type("uuid")
            if filling.row_count and name in filling.table.key and filling.table.name != "ledger_accounts"
        ),
        None,
    )
    return Template(domain, Shared(frozenset(shared), accounts), fillings, anchor)


def _paired(fillings: Sequence[Filling], told: Told) -> list[Filling]:
    """Those rows with each other that one statement has to add."""
    by_name = {filling.table.name: filling for filling in fillings}
    for filling in fillings:
        column, other = rules.TOGETHER.get((filling.table.domain, filling.table.name), (None, None))
        if column is None or other is None:
            continue
        (key,), partner = by_name[other].table.key, by_name[other].table
        theirs = {row[key]: ready for row, ready in zip(told.rows[other], by_name[other].rows, strict=True)}
        rows, pairs = [], []
        for row, ready in zip(told.rows[filling.table.name], filling.rows, strict=True):
            if row[column] is None:
                rows.append(ready)
            else:
                pairs.append((ready, theirs.pop(row[column])))
        by_name[filling.table.name] = Filling(filling.table, rows, pairs, partner)
        by_name[other] = Filling(partner, list(theirs.values()))
    return [by_name[filling.table.name] for filling in fillings]


def _is_staffs(table: Table, row: asyncpg.Record, staff: frozenset[UUID], staffs: frozenset[UUID]) -> bool:
    """Whether *row* is somebody's of the staff, or of something that is."""
    return any(row[name] in staff for name in OWNERS if name in table.columns) or any(
        row[name] in staffs for name in table.of_type("uuid")
    )


def _is_everybodys(table: Table, row: asyncpg.Record, shared: frozenset[UUID], wording: Wording) -> bool:
    """Whether *row* is one that a copy would only repeat."""
    return all(name in table.columns and not _is_own(table, name, row[name], shared, wording) for name in table.key)


def _is_own(table: Table, name: str, value: Any, shared: frozenset[UUID], wording: Wording) -> bool:
    if table.columns[name] == "uuid":
        return value not in shared
    return table.columns[name] == "text" and wording.of(value) is not None


def _row_of_copies(table: Table, row: asyncpg.Record, told: Told) -> RowOfCopies:
    place = (table.domain, table.name)
    remade = REMADE[place][1](told, row) if place in REMADE else {}

    def ready(values: Mapping[str, Any]) -> RowOfCopies:
        made = [
            (number, make)
            for number, (name, type_) in enumerate(table.columns.items())
            if (make := remade.get(name) or _made(type_, values[name], told.wording)) is not None
        ]
        return RowOfCopies(list(values.values()), made)

    ends = {name: row[name] for name in table.columns}
    begins = {name: begin(ends[name]) for name, begin in rules.BEGIN_AS.get(place, {}).items()}
    if all(ends[name] == value for name, value in begins.items()):
        return ready(ends)
    begun = ready(ends | begins)
    return begun if place in rules.GROWN_BY_TRIGGERS else replace(begun, ends_as=ready(ends))


def _made(type_: str, value: Any, wording: Wording) -> Made | None:
    """What a copy has instead of *value*; None where it has the same."""
    if value is None or type_ in AS_TOLD:
        return None
    if type_ == "uuid":
        return lambda copy: copy.id(value)
    if type_ == "uuid[]":
        return lambda copy: [copy.id(one) for one in value]
    if type_ == "timestamp with time zone":
        return lambda copy: copy.moment(value)
    if type_ == "text[]":
        words = [wording.of(one) or (lambda _, one=one: one) for one in value]
        return lambda copy: [word(copy) for word in words]
    return wording.of(value)


def not_known(tables: Sequence[Table]) -> Iterator[str]:
    """What of *tables* no rule says how to copy, a sentence each."""
    for table in tables:
        place = (table.domain, table.name)
        remade = REMADE[place][0] if place in REMADE else frozenset()
        same = rules.SAME_BYTES.get(table.domain, {}).get(table.name)
        for name, type_ in table.columns.items():
            if type_ not in KNOWN_TYPES:
                yield f"{table.domain}.{table.name}.{name} is a {type_}: nothing says what a copy has there"
            if type_ == "bytea" and name not in remade and name != same:
                yield f"{table.domain}.{table.name}.{name} is bytes: nothing says whose they are"
            if name in table.unique and type_ in AS_TOLD and name not in remade and table.key != (name,):
                yield f"{table.domain}.{table.name}.{name} is unique, and every copy would have the same"
