"""
Delivers a history of events in any order, some more than once, and compares what a domain's tables say in the end.

`ORDERS=500 pytest -k any_order` tries many; the gate tries few.
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import import_module
from typing import Any
from uuid import UUID

import orjson
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlalchemy import text

from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.subgraph import Subgraph
from tests.builders.deliveries import deliver

tries = settings(
    max_examples=int(os.environ.get("ORDERS", "6")),
    deadline=None,
    derandomize="ORDERS" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],  # each try tells two histories; making one shorter would take minutes
)
"""How often a test is tried; each example has a history of its own in the one database."""


class Kind(StrEnum):
    """Why a reaction bears any order. Each has one; a new reaction names its own beside its domain's history."""

    VERSIONED = "a copy that refuses what is older than what it was made from"
    FACT = "a fact that is added once, whatever was added before"
    STATE = "a step of a state machine that waits (NotYet) for those before it, and is taken once"
    ERRAND = "our own fact, after which our own tables say what is to be done"


@dataclass(frozen=True)
class History:
    """What is told, as it happened, and names for the ids in it, by which two histories are compared."""

    events: Sequence[Event]
    names: Mapping[UUID, str]
    texts: Mapping[str, str] = field(default_factory=dict)
    """Names for whole texts that were made before the history began and have its ids in them, as digests do."""
    left_out: frozenset[str] = frozenset()
    """Tables of what was there before the history began."""


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at_noon(told: Sequence[Event]) -> list[Event]:
    """*told* at noon and at each minute after it: the instants are compared as well."""
    return [replace(event, time=NOON + timedelta(minutes=minute)) for minute, event in enumerate(told)]


MakeHistory = Callable[[], Awaitable[History]]

_TECHNICAL_TABLES = {"outbox", "inbox", "alembic_version", "ledger_entries", "ledger_transfers"}
"""The ledger's rows are in the order of posting, with a hash over it; its balances are compared."""
_TECHNICAL_COLUMNS = {
    "version",
    "default_version",
    "renegotiation_version",
    "place",
    "last_hash",
    "idempotency_key",
    "request_digest",
}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def orders_of(count: int) -> st.SearchStrategy[list[int]]:
    """Any permutation of a history of *count* events, with up to four of them told once more."""
    again = st.lists(st.integers(0, count - 1), max_size=4)
    return again.flatmap(lambda more: st.permutations([*range(count), *more]))


async def tell(subgraph: Subgraph, events: Sequence[Event]) -> None:
    """Deliver *events*; what has to wait comes again after the others, as the broker would have it."""
    waiting = list(events)
    while waiting:
        put_off = []
        for event in waiting:
            try:
                await deliver(subgraph, event)
            except NotYet:
                put_off.append(event)
        assert len(put_off) < len(waiting), f"nothing moves any more: {sorted({event.type for event in put_off})}"
        waiting = put_off


async def end_state(subgraph: Subgraph, history: History) -> list[str]:
    """Every row that mentions one of *history*'s names, printed with the names for the ids; other ids are `*`."""
    tables = import_module(f"subgraphs.{subgraph.name}.models").Base.metadata.tables
    known = {str(id_): name for id_, name in history.names.items()} | history.texts
    found: list[str] = []
    async with subgraph.database.read() as session:
        for table in sorted(tables.keys() - _TECHNICAL_TABLES - history.left_out):
            rows = await session.scalars(text(f'SELECT to_jsonb(t)::text FROM "{table}" t'))  # noqa: S608
            named = (row for row in rows if any(id_ in known for id_ in _UUID.findall(row)))
            found += [f"{table} {_printed(orjson.loads(row), known)}" for row in named]
    return sorted(found)


def _printed(row: dict[str, Any], known: Mapping[str, str]) -> str:
    kept = {name: _named(value, known) for name, value in row.items() if name not in _TECHNICAL_COLUMNS}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def _named(value: Any, known: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {name: _named(inner, known) for name, inner in value.items()}
        case list():
            return [_named(inner, known) for inner in value]
        case str():
            return known.get(value) or _UUID.sub(lambda match: known.get(match[0], "*"), value)
        case _:
            return value


async def check_order(subgraph: Subgraph, make_history: MakeHistory, order: Sequence[int]) -> None:
    """Told in *order*, a history ends as another one of the same kind that is told as it happened."""
    as_it_happened, shuffled = await make_history(), await make_history()
    await tell(subgraph, as_it_happened.events)
    await tell(subgraph, [shuffled.events[place] for place in order])
    expected = await end_state(subgraph, as_it_happened)
    found = await end_state(subgraph, shuffled)
    assert expected, "nothing is compared"
    missing, unexpected = set(expected) - set(found), set(found) - set(expected)
    assert found == expected, "\n".join(["missing:", *sorted(missing), "unexpected:", *sorted(unexpected)])


def queues_reached(subgraph: Subgraph, history: History) -> set[str]:
    """The reactions that *history* gives something to do."""
    types = {event.type for event in history.events}
    return {reaction.queue for reaction in subgraph.reactions if types & reaction.payload_classes.keys()}
