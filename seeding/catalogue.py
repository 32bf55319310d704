"""What a domain's database says of its tables: columns, keys, and which have to be filled before which."""

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

import asyncpg

from launch.privileges import EVERYWHERE, TABLES
from seeding import rules
from seeding.copies import is_copy, names_copy

_COLUMNS = """
    SELECT relation.relname AS place, attname AS name, format_type(atttypid, NULL) AS type,
        attidentity <> '' AS is_numbered
    FROM pg_attribute JOIN pg_class AS relation ON relation.oid = attrelid
    WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind = 'r' AND attnum > 0 AND NOT attisdropped
    ORDER BY relation.relname, attnum
"""
_UNIQUE = """
    SELECT relation.relname AS place, key.indisprimary AS is_primary, array_agg(column_.attname::text) AS names
    FROM pg_index AS key JOIN pg_class AS relation ON relation.oid = key.indrelid
    JOIN pg_attribute AS column_ ON column_.attrelid = key.indrelid AND column_.attnum = ANY(key.indkey)
    WHERE key.indisunique AND relation.relnamespace = 'public'::regnamespace
    GROUP BY relation.relname, key.indexrelid, key.indisprimary
"""
_REFERENCES = """
    SELECT relation.relname AS place, referred.relname AS refers_to
    FROM pg_constraint AS key JOIN pg_class AS relation ON relation.oid = key.conrelid
    JOIN pg_class AS referred ON referred.oid = key.confrelid
    WHERE key.contype = 'f' AND key.conrelid <> key.confrelid
"""


@dataclass(frozen=True)
class Table:
    domain: str
    name: str
    columns: Mapping[str, str]
    """Of what type each is, for those that are added; the database fills the others."""
    key: tuple[str, ...]
    unique: frozenset[str]
    """Columns whose values are each in one row alone."""

    def of_type(self, *types: str) -> list[str]:
        return [name for name, type_ in self.columns.items() if type_ in types]

    @property
    def names(self) -> list[str]:
        """Of texts, those that name something."""
        return [name for name in self.of_type("text") if name in self.unique]

    @property
    def told_rows(self) -> str:
        """
        The statement that reads what was told, in the order of adding it.

        That is what is not of a copy, nor of what its people have done since.
        """
        copied = [f"coalesce({is_copy(name)}, false)" for name in self.of_type("uuid")]
        if not any(self.columns.get(name) == "uuid" for name in self.key):
            copied += [names_copy(name) for name in self.of_type("text")]
        if named_by := rules.NAMED_BY.get((self.domain, self.name)):
            copied.append(names_copy(named_by))
        told = [f"NOT ({' OR '.join(copied)})"] if copied else []
        where = " AND ".join([*told, *([rules.ONLY[self.name]] if self.name in rules.ONLY else [])]) or "true"
        order = rules.IN_ORDER_OF.get((self.domain, self.name), ", ".join(self.key))
        return f'SELECT * FROM "{self.name}" WHERE {where} ORDER BY {order}'  # noqa: S608  # our own names


def is_copied(domain: str, table: str) -> bool:
    if table in EVERYWHERE or table in rules.KEPT.get(domain, {}):
        return False
    return "INSERT" in TABLES[domain][table].on_rows or (domain, table) in rules.MADE_BY


async def read_tables(connection: asyncpg.Connection, domain: str) -> list[Table]:
    """Tables of *domain* that are copied, those first that others refer to."""
    columns: dict[str, dict[str, str]] = {}
    for row in await connection.fetch(_COLUMNS):
        by_trigger = rules.WRITTEN_BY_TRIGGERS.get((domain, row["place"]), frozenset())
        if not row["is_numbered"] and row["name"] not in by_trigger:
            columns.setdefault(row["place"], {})[row["name"]] = row["type"]
    unique = await connection.fetch(_UNIQUE)
    tables = {
        name: Table(
            domain,
            name,
            those,
            key=next((tuple(row["names"]) for row in unique if row["place"] == name and row["is_primary"]), ()),
            unique=frozenset(row["names"][0] for row in unique if row["place"] == name and len(row["names"]) == 1),
        )
        for name, those in columns.items()
        if name in TABLES[domain] and is_copied(domain, name)
    }
    before: dict[str, set[str]] = {name: set(rules.AFTER.get((domain, name), ())) for name in tables}
    for row in await connection.fetch(_REFERENCES):
        _, together = rules.TOGETHER.get((domain, row["place"]), (None, None))
        if row["place"] in tables and row["refers_to"] in tables and row["refers_to"] != together:
            before[row["place"]].add(row["refers_to"])
    return [tables[name] for name in TopologicalSorter(before).static_order()]
