"""What the relay promises about rows, whatever the broker."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text, update

from subgraphs.shared.database import Database
from subgraphs.shared.messaging import metrics
from subgraphs.shared.messaging import relay as relay_module
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.event import EVENT_SIZE_MAX, Event, EventTooLarge
from subgraphs.shared.messaging.outbox import record
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.tables import InboxRow, OutboxRow
from subgraphs.shared.messaging.transport import PublishRefused
from tests.subgraphs.shared.messaging.conftest import World, until
from tests.subgraphs.shared.messaging.harvest import FieldBurnt, FieldSown, a_barn, numbers_kept, sow


async def test_a_slow_earlier_transaction_is_not_skipped(world: World) -> None:
    await world.react(a_barn())
    await world.relay()
    async with world.database.begin() as slow:
        record(slow, FieldSown(field="north", number=1))
        await slow.flush()  # has its place in the sequence, before the other's
        await sow(world.database, 2, field="south")
        await world.all_delivered()
        assert await numbers_kept(world.database) == [2]
    await world.all_delivered()
    assert await numbers_kept(world.database) == [2, 1]


async def test_relays_side_by_side_keep_the_order_and_send_nothing_twice(world: World) -> None:
    await world.react(a_barn())
    await world.relay()
    await world.relay()
    await world.relay()
    for first in range(0, 100, 10):
        await sow(world.database, *range(first, first + 10))
    await world.all_delivered()
    assert await numbers_kept(world.database) == list(range(100))
    assert (await world.transport.pending()).received == 100


async def test_a_backlog_of_several_batches_is_sent_in_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "BATCH_MAX", 7)
    await world.react(a_barn())
    await sow(world.database, *range(50))
    await world.relay()
    await world.all_delivered()
    assert await numbers_kept(world.database) == list(range(50))


async def test_sent_rows_say_when_and_old_ones_are_deleted(world: World) -> None:
    await world.react(a_barn())
    first = await world.relay()
    await sow(world.database, 1, 2)
    await world.all_delivered()
    await first.stop()
    async with world.database.begin() as session:
        sent = await session.scalars(select(OutboxRow.sent_at - OutboxRow.recorded_at).order_by(OutboxRow.id))
        assert all(delay >= timedelta(0) for delay in sent)
        old = func.now() - text("interval '31 days'")
        await session.execute(update(OutboxRow).where(OutboxRow.id == 1).values(sent_at=old))
    await world.relay()

    async def one_is_left() -> bool:
        async with world.database.begin() as session:
            return list(await session.scalars(select(OutboxRow.id))) == [2]

    await until(one_is_left)


async def test_how_long_sent_rows_stay_is_set(database: Database) -> None:
    quick = Gated()
    quick.gate.set()
    await sow(database, 1, 2)
    async with database.begin() as session:
        for row_id, days in ((1, 8), (2, 6)):
            old = func.now() - func.make_interval(0, 0, 0, days)
            await session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(sent_at=old))
    relay = Relay("harvest", database, quick, sent_kept_days=7)
    await relay.start()

    async def one_is_left() -> bool:
        async with database.begin() as session:
            return list(await session.scalars(select(OutboxRow.id))) == [2]

    await until(one_is_left)
    await relay.stop()


async def test_sent_rows_of_passing_facts_stay_an_hour(database: Database) -> None:
    quick = Gated()
    quick.gate.set()
    await sow(database, 1, 2)
    async with database.begin() as session:
        record(session, FieldBurnt(field="north"))
        record(session, FieldBurnt(field="north"))
    async with database.begin() as session:
        for row_id, minutes in ((1, 61), (2, 59), (3, 61), (4, 59)):
            old = func.now() - timedelta(minutes=minutes)
            await session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(sent_at=old))
    relay = Relay("harvest", database, quick, passing_types={FieldBurnt.type})
    await relay.start()

    async def one_is_gone() -> bool:
        async with database.begin() as session:
            return sorted(await session.scalars(select(OutboxRow.id))) == [1, 2, 4]

    await until(one_is_gone)
    await relay.stop()


async def test_a_refused_event_holds_up_what_was_recorded_with_it(database: Database) -> None:
    transport = Fastidious()
    transport.refuses = {1}
    await sow(database, 1, 2, 3, field="north")
    await sow(database, 4, field="south")
    relay = Relay("harvest", database, transport)
    await relay.start()
    async with asyncio.timeout(20):
        await transport.refused_once.wait()
    transport.refuses.clear()

    async def all_sent() -> bool:
        return len(transport.taken) == 4

    await until(all_sent)
    await relay.stop()
    assert transport.taken == [4, 1, 2, 3]


async def test_an_event_too_large_is_refused_where_it_is_recorded(database: Database) -> None:
    with pytest.raises(EventTooLarge, match="the limit is 262144"):
        async with database.begin() as session:
            record(session, FieldSown(field="n" * EVENT_SIZE_MAX, number=1))
    async with database.begin() as session:
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == 0


async def test_the_inbox_forgets_what_nobody_can_send_any_more(database: Database) -> None:
    old, recent = (
        UUID(int=int((datetime.now(UTC) - timedelta(days=days)).timestamp() * 1000) << 80) for days in (401, 399)
    )
    async with database.begin() as session:
        session.add_all(InboxRow(event_id=event_id, handler="barn.store") for event_id in (old, recent))
    relay = Relay("harvest", database, Gated())
    await relay.start()

    async def only_the_recent_is_left() -> bool:
        async with database.begin() as session:
            return list(await session.scalars(select(InboxRow.event_id))) == [recent]

    await until(only_the_recent_is_left)
    await relay.stop()


class Fastidious(EmbeddedTransport):
    """Refuses some events, as a broker with a full queue does."""

    def __init__(self) -> None:
        super().__init__("postgresql://nowhere")
        self.refuses: set[int] = set()
        self.taken: list[int] = []
        self.refused_once = asyncio.Event()

    async def publish(self, events: Sequence[Event]) -> None:
        refused = {event.id: "the queue is full" for event in events if event.data["number"] in self.refuses}
        self.taken += [event.data["number"] for event in events if event.id not in refused]
        if refused:
            self.refused_once.set()
            raise PublishRefused(refused)


class Gated(EmbeddedTransport):
    """Confirms nothing until the gate opens."""

    def __init__(self) -> None:
        super().__init__("postgresql://nowhere")
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()
        self.taken: list[int] = []

    async def publish(self, events: Sequence[Event]) -> None:
        self.asked.set()
        await self.gate.wait()
        self.taken += [event.data["number"] for event in events]


async def test_a_second_relay_waits_for_the_first_ones_round(database: Database) -> None:
    slow, quick = Gated(), Gated()
    quick.gate.set()
    first, second = Relay("harvest", database, slow), Relay("harvest", database, quick)
    await sow(database, 1)
    await first.start()
    async with asyncio.timeout(20):
        await slow.asked.wait()
    await second.start()
    await sow(database, 2)

    async def second_waits() -> bool:
        async with database.begin() as session:
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return await session.scalar(waiting) == 1

    async def all_sent() -> bool:
        return len(slow.taken + quick.taken) == 2

    await until(second_waits)
    assert quick.taken == []
    slow.gate.set()
    await until(all_sent)
    await first.stop()
    await second.stop()
    assert [*slow.taken, *quick.taken] == [1, 2]


async def test_a_batch_is_two_statements(database: Database) -> None:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement.split(maxsplit=2)[1] if statement.startswith(("WITH", "UPDATE")) else "")

    quick = Gated()
    quick.gate.set()
    relay = Relay("harvest", database, quick)
    await relay.start()

    async def has_looked() -> bool:
        return metrics.outbox_unsent.labels("harvest")._value.get() == 0

    metrics.outbox_unsent.labels("harvest").set(-1)
    await until(has_looked)
    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    await sow(database, 1, 2, 3)

    async def all_sent() -> bool:
        async with database.begin() as session:
            return await session.scalar(select(func.count()).where(OutboxRow.sent_at.is_not(None))) == 3

    await until(all_sent)
    await relay.stop()
    assert [name for name in said if name] == ["due", "outbox"]
    assert quick.taken == [1, 2, 3]


async def test_what_waits_to_be_sent_is_counted_with_the_look(database: Database) -> None:
    transport = Fastidious()
    transport.refuses = {2}
    await sow(database, 1, field="north")
    await sow(database, 2, 3, field="south")
    relay = Relay("harvest", database, transport)
    await relay.start()

    async def two_wait() -> bool:
        return metrics.outbox_unsent.labels("harvest")._value.get() == 2

    await until(two_wait)
    assert transport.taken == [1]
    transport.refuses.clear()

    async def none_waits() -> bool:
        return metrics.outbox_unsent.labels("harvest")._value.get() == 0

    await until(none_waits)
    await relay.stop()
    assert transport.taken == [1, 2, 3]


async def test_a_relay_that_has_ended_keeps_the_lock_from_nobody(database: Database) -> None:
    quick = Gated()
    quick.gate.set()
    first = Relay("harvest", database, quick)
    await first.start()
    await sow(database, 1)

    async def is_sent() -> bool:
        return quick.taken == [1]

    await until(is_sent)
    await first.stop()

    async def nobody_has_it() -> bool:
        async with database.begin() as session:
            held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                        "(SELECT oid FROM pg_database WHERE datname = current_database())")  # fmt: skip
            return await session.scalar(held) == 0

    await until(nobody_has_it)


async def test_a_relay_that_dies_in_its_round_leaves_its_rows_to_the_next(database: Database) -> None:
    never, quick = Gated(), Gated()
    quick.gate.set()
    first, second = Relay("harvest", database, never), Relay("harvest", database, quick)
    await sow(database, 1)
    await first.start()
    async with asyncio.timeout(20):
        await never.asked.wait()
    await first.stop()
    await second.start()

    async def is_sent() -> bool:
        return quick.taken == [1]

    await until(is_sent)
    await second.stop()
    assert never.taken == []


async def test_a_refused_event_holds_up_its_own_subject_only(database: Database) -> None:
    transport = Fastidious()
    transport.refuses = {2}
    await sow(database, 1, field="north")
    await sow(database, 2, field="north")
    relay = Relay("harvest", database, transport)
    await relay.start()
    async with asyncio.timeout(20):
        await transport.refused_once.wait()

    async def is_put_off() -> bool:
        async with database.begin() as session:
            return await session.scalar(select(OutboxRow.last_error).where(OutboxRow.attempts > 0)) is not None

    await until(is_put_off)
    # Long put off, so that nothing but the test decides when it is due.
    async with database.begin() as session:
        later = func.now() + text("interval '1 hour'")
        await session.execute(update(OutboxRow).where(OutboxRow.attempts > 0).values(due_at=later))
    await sow(database, 3, field="north")
    await sow(database, 4, field="south")

    async def south_is_sent() -> bool:
        return 4 in transport.taken

    await until(south_is_sent)
    assert transport.taken == [1, 4]
    transport.refuses.clear()
    async with database.begin() as session:
        await session.execute(update(OutboxRow).where(OutboxRow.attempts > 0).values(due_at=func.now()))

    async def all_sent() -> bool:
        return len(transport.taken) == 4

    await until(all_sent)
    await relay.stop()
    assert transport.taken == [1, 4, 2, 3]


async def test_a_refused_event_is_tried_again_when_it_is_due(database: Database) -> None:
    transport = Fastidious()
    transport.refuses = {1}
    await sow(database, 1)
    relay = Relay("harvest", database, transport)
    await relay.start()
    async with asyncio.timeout(20):
        await transport.refused_once.wait()
    transport.refuses.clear()

    async def is_sent() -> bool:
        return transport.taken == [1]

    await until(is_sent)
    await relay.stop()
