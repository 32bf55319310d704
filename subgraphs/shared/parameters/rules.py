"""Which rules a domain has, in which tables, and what they say."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.reading import Reader

Values = Mapping[str, str | None]
"""A row's columns as PostgreSQL writes them."""


@dataclass(frozen=True)
class RuleTable:
    """A table of dated rows."""

    name: str
    by: tuple[str, ...] = ()
    """Columns of which each combination has rows of its own; of the others all rows of a day are one table."""
    fixed: tuple[str, ...] | None = None
    """Those of *by* of which nothing reads others than there are; all of them, unless it is said."""
    dated: str = "valid_from"
    from_zero: str | None = None
    """A column of steps, of which a table has to have the one at zero."""
    characters_max: int = 2_000
    """Of one value."""


@dataclass(frozen=True)
class Rule:
    """What changes together."""

    tables: tuple[RuleTable, ...]
    check: Callable[[AsyncSession, Sequence[tuple[str, Values]]], Awaitable[None]] | None = None
    """Refuses with InvalidInput what the database does not know to be wrong. Takes rows with their tables."""

    @property
    def name(self) -> str:
        return self.tables[0].name


@dataclass(frozen=True)
class Row:
    """A row that is stated."""

    table: RuleTable
    values: Values
    valid_until: date | None = None
    """The day from which a later row holds in its place."""

    @property
    def valid_from(self) -> date:
        return date.fromisoformat(self.values[self.table.dated] or "")

    @property
    def place(self) -> tuple[str | None, ...]:
        """What it is the rule of."""
        return (self.table.name, *(self.values[name] for name in self.table.by))

    @property
    def known_as(self) -> tuple[str | None, ...]:
        """That by which it is read."""
        fixed = self.table.by if self.table.fixed is None else self.table.fixed
        return (self.table.name, *(self.values[name] for name in fixed))


@dataclass(frozen=True)
class Parameters:
    """All that a domain has."""

    domain: str
    rules: tuple[Rule, ...]
    metadata: MetaData
    tell: Callable[[AsyncSession, date], Awaitable[None]] | None = None
    """Publishes what holds from a day on, where others read it; called when something of it was put in force."""
    read_no_more: frozenset[str] = frozenset()
    """Names of `parameters` that are rules elsewhere by now; what they said here stays on record."""

    def find_rule(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None)

    @property
    def tables(self) -> tuple[RuleTable, ...]:
        return tuple(table for rule in self.rules for table in rule.tables)

    def columns(self, table: RuleTable) -> list[str]:
        return [column.name for column in self.metadata.tables[table.name].columns]


async def list_rows(session: Reader, parameters: Parameters, rule: Rule) -> list[Row]:
    """What a rule has ever said and will say, the newest day first, with when each ends."""
    rows: list[Row] = []
    for table in rule.tables:
        found = await _list_table(session, parameters, table)
        days: dict[tuple[str | None, ...], list[date]] = {}
        for row in found:
            days.setdefault(row.place, []).append(row.valid_from)
        for row in found:
            later = [day for day in days[row.place] if day > row.valid_from]
            rows.append(Row(table, row.values, min(later, default=None)))
    return rows


async def _list_table(session: Reader, parameters: Parameters, table: RuleTable) -> list[Row]:
    order = ", ".join((f"{table.dated} DESC", *(column for column in table.by)))
    statement = text(
        f"SELECT (SELECT json_object_agg(key, value) FROM jsonb_each_text(to_jsonb(stated)))::text AS said "  # noqa: S608  # our own names
        f"FROM {table.name} AS stated ORDER BY {order}"
    )
    columns = parameters.columns(table)
    found = [json.loads(row.said) for row in await session.execute(statement)]
    rows = [Row(table, {name: values[name] for name in columns}) for values in found]
    return [row for row in rows if row.place[-1] not in parameters.read_no_more]


def not_as_recorded(tables: Sequence[str]) -> str:
    """
    A question: rules that are stated otherwise than they were recorded, or the other way round.

    A rule whose table got a column is recorded once more, as it reads now; what was recorded before of it holds still.
    """
    rows = [
        f"SELECT '{table}' AS rule, to_jsonb(row) AS content FROM {table} AS row"  # noqa: S608  # our own names
        for table in tables
    ]
    stated = " UNION ALL ".join(rows)
    return f"""
        WITH stated AS ({stated})
        SELECT 'is stated and was not recorded' AS what, rule, content::text FROM stated
        WHERE (rule, content) NOT IN (SELECT rule, content FROM recorded_rules)
        UNION ALL
        SELECT 'was recorded and is not stated', rule, content::text FROM recorded_rules AS recorded
        WHERE NOT EXISTS (SELECT FROM stated WHERE stated.rule = recorded.rule AND stated.content @> recorded.content)
        ORDER BY 2, 3
    """  # noqa: S608  # our own names


REWRITTEN = """
    SELECT number, rule FROM (
        SELECT number, rule, hash, row_number() OVER (ORDER BY number) AS place, sha256(
            coalesce(lag(hash) OVER (ORDER BY number), ''::bytea) || convert_to(concat_ws('|', number, rule, content,
                (extract(epoch FROM recorded_at) * 1000000)::bigint, recorded_by), 'UTF8')) AS expected
        FROM recorded_rules) AS recorded
    WHERE hash <> expected OR number <> place ORDER BY number
"""
"""A question: records that break the chain."""


async def list_problems(session: Reader, parameters: Parameters) -> list[str]:
    """What of the rules is not as it was recorded."""
    stated: Sequence[Any] = await session.execute(text(not_as_recorded([table.name for table in parameters.tables])))  # type: ignore[assignment]  # rows of both readers
    rewritten: Sequence[Any] = await session.execute(text(REWRITTEN))  # type: ignore[assignment]  # as above
    return [
        *(f"rule of {row.rule} {row.what}: {row.content}" for row in stated),
        *(f"recorded rule {row.number} ({row.rule}) breaks the chain of rules" for row in rewritten),
    ]
