"""Plays a plan: scene by scene, people and faults at once, then silence."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
from sqlalchemy.exc import DBAPIError

from launch.databases import DOMAINS
from launch.people import DEMO_PEOPLE
from subgraphs.shared.messaging.quiet import quiesced
from subgraphs.shared.messaging.transport import TransportUnavailable
from tests.chaos.deeds.every import DEEDS
from tests.chaos.deeds.turn import Turn, World
from tests.chaos.endpoint import InsistentClient, Player, staff_player
from tests.chaos.faults import FAULTS
from tests.chaos.journal import Journal
from tests.chaos.outcome import Outcome, find_unfinished, look
from tests.chaos.plan import Fault, Plan, Scene
from tests.chaos.stage import Stage, staged

QUIET_SECONDS = 120.0
"""How long the product may take after a scene until nothing is half done."""
LOOK_AGAIN_SECONDS = 1.0
MINUTES = timedelta(minutes=3)


@dataclass
class Performance:
    """A plan that has been played, on a product that still runs."""

    stage: Stage
    world: World
    journal: Journal

    async def look(self) -> Outcome:
        return await look(self.stage, self.world.client, self.world.cast.values(), self.journal)


Say = Callable[[str], None]


def in_silence(_line: str) -> None:
    pass


@asynccontextmanager
async def performed(plan: Plan, folder: Path, say: Say = in_silence) -> AsyncIterator[Performance]:
    """Everything that *plan* says has happened, on a product of its own over *folder*."""
    journal = Journal()
    async with staged(plan, folder) as stage:
        client = InsistentClient(lambda: stage.addresses, journal)
        try:
            world = await _gather_people(plan, client)
            for number, scene in enumerate(plan.scenes):
                began = time.monotonic()
                await _play_scene(stage, world, scene, journal, key=f"chaos-{plan.seed}-{number}")
                say(f"  {scene.name}: {time.monotonic() - began:.0f} s")
            yield Performance(stage, world, journal)
        finally:
            await client.close()


async def play(plan: Plan, folder: Path, say: Say) -> Outcome:
    async with performed(plan, folder, say) as performance:
        return await performance.look()


async def _gather_people(plan: Plan, client: InsistentClient) -> World:
    cast = {
        part: Player(f"{part.split()[0].title()} {NUMBERS[int(part.split()[1])]}", _email(part), part=part)
        for part in plan.people
    }
    analyst = next(person for person in DEMO_PEOPLE if "ANALYST" in person.staff_roles)
    admin, approver = (person for person in DEMO_PEOPLE if "ADMIN" in person.staff_roles)
    staff = [staff_player(person.about, person.name, person.email) for person in (analyst, admin, approver)]
    for player in (*cast.values(), *staff):
        client.know(player)
    for player in staff:
        await client.sign_in(player)
    time_may_pass = any(scene.begins for scene in plan.scenes)
    return World(client, plan.seed, time_may_pass, cast, *staff)


NUMBERS = ("Zero", "Um", "Dois", "Três", "Quatro")


def _email(part: str) -> str:
    return f"{part.replace(' ', '.')}@chaos.peerseed.example"


async def _play_scene(stage: Stage, world: World, scene: Scene, journal: Journal, *, key: str) -> None:
    if scene.begins is not None:
        stage.move_clock(scene.begins)
    is_over = asyncio.Event()
    strikes = [
        asyncio.create_task(_strike(stage, fault, journal, world.client.after(fault.after), is_over))
        for fault in scene.faults
    ]
    turns = [Turn(world, world.cast[deed.who], deed, f"{key}-{number}-") for number, deed in enumerate(scene.deeds)]
    try:
        async with asyncio.TaskGroup() as group:
            for turn in turns:
                group.create_task(DEEDS[turn.deed.what](turn), name=str(turn.deed))
    finally:
        is_over.set()
        await asyncio.gather(*strikes)
    await nothing_moves(stage, time_may_pass=world.time_may_pass)


async def _strike(stage: Stage, fault: Fault, journal: Journal, reached: asyncio.Event, is_over: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in (reached, is_over)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    async with stage.one_at_a_time:
        await FAULTS[fault.what](stage, fault)
        journal.faults[fault.what] += 1


async def nothing_moves(stage: Stage, *, time_may_pass: bool) -> None:
    """
    Wait until nothing is half done any more; what is then is for the judgement to say.

    What waits for minutes to pass (a late webhook, a question about a payment that nobody told of) gets them.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(QUIET_SECONDS):
            while not await _is_quiet(stage):
                if time_may_pass:
                    stage.pass_time(MINUTES)
                await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _is_quiet(stage: Stage) -> bool:
    databases = {name: stage.database(name) for name in DOMAINS}
    try:
        async with stage.transport() as transport:
            is_delivered = await quiesced(databases.values(), transport, deadline_s=30)
        return is_delivered and not await find_unfinished(databases)
    except (OSError, DBAPIError, asyncpg.PostgresError, TransportUnavailable):
        return False
    finally:
        for database in databases.values():
            await database.close()
