"""Who comes while one is served is served with all who did, in one transaction, and each as if alone."""

import asyncio
from collections.abc import Sequence

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared import together, turns
from subgraphs.shared.database import Database
from subgraphs.shared.refusal import Busy, Refusal
from subgraphs.shared.together import Together
from subgraphs.shared.turns import Row
from subgraphs.wallet.domain.refusals import InsufficientFunds
from tests.fixtures.databases import MakeDatabase

OFFERING = Row("offering", 7)
OTHER = Row("offering", 8)
ADD = text("INSERT INTO preferences VALUES (gen_random_uuid(), :name, 'EMAIL', true)")
NAMES = text("SELECT category FROM preferences ORDER BY category")


class Adding:
    """A verb for sets that writes names down, and what it was asked for together; its first transaction waits."""

    def __init__(self, *, poisoned: str = "") -> None:
        self.sets: list[list[str]] = []
        self.goes_on = asyncio.Event()
        self._poisoned = poisoned

    async def __call__(self, session: AsyncSession, names: Sequence[str]) -> Sequence[str | Refusal]:
        self.sets.append(list(names))
        await self.goes_on.wait()
        answers: list[str | Refusal] = []
        for name in names:
            if name.startswith("refused"):
                answers.append(InsufficientFunds(available_minor=0, requested_minor=len(name)))
                continue
            await session.execute(ADD, {"name": name})
            answers.append(name.upper())
        if self._poisoned in names:
            raise ValueError("poisoned")
        return answers


@pytest_asyncio.fixture
async def database(make_database: MakeDatabase) -> Database:
    return await make_database("notifications")


async def names(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(NAMES))


async def asked(asking: Together[str, str], *names: str, row: Row = OFFERING) -> list[asyncio.Task[str]]:
    """Each asks once the one before it does what it can by itself."""
    tasks = []
    for name in names:
        tasks.append(asyncio.create_task(asking.ask(row, name)))
        await asyncio.sleep(0)
    return tasks


async def until_under_way(verb: Adding, *, sets: int = 1) -> None:
    while len(verb.sets) < sets:  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(0)


async def test_who_comes_while_one_is_served_is_served_with_all_who_did(database: Database) -> None:
    verb = Adding()
    asking = Together(database, verb)
    first = await asked(asking, "a")
    await until_under_way(verb)
    others = await asked(asking, "b", "c", "d")
    verb.goes_on.set()
    assert await asyncio.gather(*first, *others) == ["A", "B", "C", "D"]
    assert verb.sets == [["a"], ["b", "c", "d"]]
    assert await names(database) == ["a", "b", "c", "d"]
    assert await asking.ask(OFFERING, "e") == "E"
    assert verb.sets[2:] == [["e"]]
    assert len(database.turns) == 0


async def test_whichever_rows_they_want(database: Database) -> None:
    verb = Adding()
    asking = Together(database, verb)
    tasks = await asked(asking, "a")
    await until_under_way(verb)
    for name, row in (("b", OTHER), ("c", OFFERING), ("d", OTHER)):
        tasks += await asked(asking, name, row=row)
    verb.goes_on.set()
    assert await asyncio.gather(*tasks) == ["A", "B", "C", "D"]
    assert verb.sets == [["a"], ["b", "c", "d"]]


async def test_nobody_waits_for_a_row_that_is_somebody_elses(database: Database) -> None:
    verb = Adding()
    verb.goes_on.set()
    asking = Together(database, verb)
    async with database.turns.of(OTHER):
        waiting = await asked(asking, "a", "b", row=OTHER)
        assert await asking.ask(OFFERING, "c") == "C"
    assert await asyncio.gather(*waiting) == ["A", "B"]
    assert verb.sets == [["c"], ["a"], ["b"]]


async def test_who_gathered_for_a_row_that_is_taken_meanwhile_waits_alone(database: Database) -> None:
    verb = Adding()
    asking = Together(database, verb)
    tasks = await asked(asking, "a")
    await until_under_way(verb)
    tasks += await asked(asking, "b", row=OTHER)
    tasks += await asked(asking, "c")
    async with database.turns.of(OTHER):
        verb.goes_on.set()
        assert await asyncio.gather(tasks.pop(0), tasks.pop(1)) == ["A", "C"]
        assert verb.sets == [["a"], ["c"]]
    assert await asyncio.gather(*tasks) == ["B"]


async def test_a_refusal_is_of_who_it_concerns(database: Database) -> None:
    verb = Adding()
    asking = Together(database, verb)
    tasks = await asked(asking, "refused a")
    await until_under_way(verb)
    tasks += await asked(asking, "b", "refused", "d")
    verb.goes_on.set()
    alone, b, refused, d = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(alone), b, type(refused), d] == [InsufficientFunds, "B", InsufficientFunds, "D"]
    assert await names(database) == ["b", "d"]


async def test_what_fails_in_a_set_fails_alone(database: Database) -> None:
    verb = Adding(poisoned="c")
    asking = Together(database, verb)
    tasks = await asked(asking, "a")
    await until_under_way(verb)
    tasks += await asked(asking, "b", "c", "d")
    verb.goes_on.set()
    a, b, c, d = await asyncio.gather(*tasks, return_exceptions=True)
    assert [a, b, str(c), d] == ["A", "B", "poisoned", "D"]
    assert verb.sets == [["a"], ["b", "c", "d"], ["b"], ["c"], ["d"]]
    assert await names(database) == ["a", "b", "d"]


async def test_so_many_are_served_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "SET_MAX", 2)
    verb = Adding()
    asking = Together(database, verb)
    tasks = await asked(asking, "a")
    await until_under_way(verb)
    tasks += await asked(asking, "b", "c", "d")
    verb.goes_on.set()
    assert await asyncio.gather(*tasks) == ["A", "B", "C", "D"]
    assert verb.sets == [["a"], ["b", "c"], ["d"]]


async def test_who_leaves_while_waiting_is_not_served(database: Database) -> None:
    verb = Adding()
    asking = Together(database, verb)
    tasks = await asked(asking, "a")
    await until_under_way(verb)
    tasks += await asked(asking, "b", "c")
    tasks.pop(1).cancel()
    await asyncio.sleep(0)
    verb.goes_on.set()
    assert await asyncio.gather(*tasks) == ["A", "C"]
    assert await names(database) == ["a", "c"]


async def test_the_others_are_served_though_the_first_leaves(database: Database) -> None:
    verb = Adding()
    asking = Together(database, verb)
    (first,) = await asked(asking, "a")
    await until_under_way(verb)
    others = await asked(asking, "b", "c")
    first.cancel()
    verb.goes_on.set()
    assert await asyncio.gather(*others) == ["B", "C"]
    assert await names(database) == ["b", "c"]


async def test_too_many_and_too_late_are_told_to_come_back(database: Database) -> None:
    few = Database(database.url, row_waiting_max=1)
    verb = Adding()
    asking = Together(few, verb)
    try:
        tasks = await asked(asking, "a")
        await until_under_way(verb)
        with turns.request(seconds=turns.ANSWER_SECONDS), pytest.raises(Busy):  # no time to wait
            await asking.ask(OFFERING, "late")
        tasks += await asked(asking, "b")
        with pytest.raises(Busy):
            await asking.ask(OFFERING, "one too many")
        verb.goes_on.set()
        assert await asyncio.gather(*tasks) == ["A", "B"]
    finally:
        await few.close()
    assert await names(database) == ["a", "b"]


async def test_a_verb_that_forgets_somebody_has_done_nothing(database: Database) -> None:
    verb = Adding()

    async def forgetful(session: AsyncSession, names: Sequence[str]) -> Sequence[str | Refusal]:
        return (await verb(session, names))[:1]

    asking: Together[str, str] = Together(database, forgetful)
    tasks = await asked(asking, "a")
    await until_under_way(verb)
    tasks += await asked(asking, "b", "c")
    verb.goes_on.set()
    assert await asyncio.gather(*tasks) == ["A", "B", "C"]
    assert verb.sets == [["a"], ["b", "c"], ["b"], ["c"]]
    assert await names(database) == ["a", "b", "c"]
