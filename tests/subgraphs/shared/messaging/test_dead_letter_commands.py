"""What operators type, on every transport."""

import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from subgraphs.shared.messaging.__main__ import _parser, main
from subgraphs.shared.messaging.dead_letters import run
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from tests.subgraphs.shared.messaging.conftest import World
from tests.subgraphs.shared.messaging.harvest import FieldSown, keep, numbers_kept

Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def command(world: World) -> Command:
    """`await command("list")`: the exit code and what was printed."""

    async def carry_out(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        code = await run(world.transport, _parser().parse_args(["dead-letters", *words]), out)
        return code, out.getvalue()

    return carry_out


class Barn:
    """Fails while it is locked."""

    def __init__(self) -> None:
        self.is_locked = True
        self.reactions = Reactions("barn")

        @self.reactions.on(FieldSown)
        async def store(delivery: Delivery[FieldSown]) -> None:
            if self.is_locked:
                raise ConnectionError("the barn of CPF 529.982.247-25 is locked")
            async with delivery.begin() as session:
                keep(session, delivery)


async def a_dead_letter(world: World) -> tuple[Barn, Event]:
    barn = Barn()
    await world.react(barn.reactions)
    event = Event.of(FieldSown(field="north", number=1), occurred_at=datetime(2026, 11, 23, tzinfo=UTC))
    await world.transport.publish([event])
    await world.all_delivered()
    return barn, event


async def test_list_shows_a_line_each(world: World, command: Command) -> None:
    _, event = await a_dead_letter(world)
    code, printed = await command("list")
    [line, summary] = printed.splitlines()
    assert code == 0
    assert line[20:] == (f"  barn.store/{event.id}  3 attempt(s)  ConnectionError: the barn of CPF *** is locked")
    assert datetime.fromisoformat(line[:20]) <= datetime.now(UTC)
    assert summary == "1 dead letter(s)"
    assert await command("list", "--queue", "barn.count") == (0, "0 dead letter(s)\n")
    assert (await command("list", "--limit", "1"))[1].endswith("1 dead letter(s), perhaps more (--limit)\n")


async def test_show_tells_everything(world: World, command: Command) -> None:
    _, event = await a_dead_letter(world)
    code, printed = await command("show", f"barn.store/{event.id}")
    lines = printed.splitlines()
    assert code == 0
    assert lines[0] == f"id:        barn.store/{event.id}"
    assert lines[1] == "handler:   barn.store"
    assert lines[3] == "attempts:  3"
    assert lines[4] == "reason:    ConnectionError: the barn of CPF *** is locked"
    assert '  "type": "harvest.field_sown.v1",' in lines
    assert await command("show", "barn.store/unknown") == (1, "no such dead letter: barn.store/unknown\n")


async def test_replay_delivers_again(world: World, command: Command) -> None:
    barn, event = await a_dead_letter(world)
    barn.is_locked = False
    assert await command("replay", f"barn.store/{event.id}") == (0, "1 replayed\n")
    await world.all_delivered()
    assert await numbers_kept(world.database) == [1]
    assert await command("list") == (0, "0 dead letter(s)\n")
    assert await command("replay", f"barn.store/{event.id}") == (1, "0 replayed\n")


async def test_purge_deletes(world: World, command: Command) -> None:
    await a_dead_letter(world)
    assert await command("purge", "--queue", "barn.store") == (0, "1 deleted\n")
    assert await command("purge", "--all") == (0, "0 deleted\n")


@pytest.mark.parametrize("words", [[], ["barn.store/1", "--all"], ["--queue", "barn.store", "--all"]])
async def test_what_to_purge_must_be_said_once(world: World, command: Command, words: list[str]) -> None:
    await a_dead_letter(world)
    assert await command("purge", *words) == (2, "Say which: one or more ids, or --queue NAME, or --all.\n")
    assert len(await world.dead_letters()) == 1


def test_a_broker_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RABBITMQ_URL", raising=False)
    monkeypatch.delenv("BROKER_DATABASE_URL", raising=False)
    out = io.StringIO()
    assert main(["dead-letters", "list"], out) == 2
    assert out.getvalue() == "Name the broker with --transport or RABBITMQ_URL (or BROKER_DATABASE_URL).\n"


def test_an_address_of_no_broker_is_refused() -> None:
    out = io.StringIO()
    assert main(["dead-letters", "--transport", "http://localhost", "list"], out) == 2
    assert out.getvalue() == "a message transport's address begins with amqp://, amqps:// or postgresql://\n"
