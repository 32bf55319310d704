"""Batches: who asks together shares a look-up, and what befalls it."""

import asyncio

import pytest

from subgraphs.shared.graphql.loader import Loader


class Shelf:
    """Answers a key with its double, and notes the batches; *broken* raises, *short* forgets the last value."""

    def __init__(self, *, broken: bool = False, short: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.broken, self.short = broken, short

    async def __call__(self, keys: list[int]) -> list[int]:
        self.batches.append(keys)
        await asyncio.sleep(0)
        if self.broken:
            raise LookupError("nothing here")
        return [key * 2 for key in keys[: len(keys) - self.short]]


async def test_all_who_ask_at_the_same_time_share_a_batch() -> None:
    shelf = Shelf()
    loader: Loader[int, int] = Loader(shelf)
    found = await asyncio.gather(loader.load(1), loader.load_many([2, 1, 3]), loader.load(3))
    assert found == [2, [4, 2, 6], 6]
    assert [sorted(batch) for batch in shelf.batches] == [[1, 2, 3]]


async def test_tasks_begun_together_share_a_batch() -> None:
    shelf = Shelf()
    loader: Loader[int, int] = Loader(shelf)

    async def ask(key: int) -> int:
        return await loader.load(key)

    assert await asyncio.gather(*map(ask, (1, 2, 3))) == [2, 4, 6]
    assert shelf.batches == [[1, 2, 3]]


async def test_a_key_is_looked_up_once_and_a_later_one_in_a_batch_of_its_own() -> None:
    shelf = Shelf()
    loader: Loader[int, int] = Loader(shelf)
    assert await loader.load(1) == 2
    assert await loader.load_many([1, 2]) == [2, 4]
    assert shelf.batches == [[1], [2]]


async def test_nothing_asked_for_is_nothing_looked_up() -> None:
    shelf = Shelf()
    loader: Loader[int, int] = Loader(shelf)
    assert await loader.load_many([]) == []
    assert shelf.batches == []


async def test_a_failed_batch_fails_for_each_who_asked() -> None:
    shelf = Shelf(broken=True)
    loader: Loader[int, int] = Loader(shelf)
    found = await asyncio.gather(loader.load(1), loader.load_many([1, 2]), return_exceptions=True)
    assert [repr(error) for error in found] == ["LookupError('nothing here')"] * 2
    assert shelf.batches == [[1, 2]]


async def test_too_few_values_are_an_error_and_no_guess() -> None:
    loader: Loader[int, int] = Loader(Shelf(short=True))
    with pytest.raises(RuntimeError, match="1 values were loaded for 2 keys"):
        await loader.load_many([1, 2])


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    shelf = Shelf()
    loader: Loader[int, int] = Loader(shelf)
    leaving = asyncio.create_task(loader.load_many([1, 2]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await loader.load_many([2, 1]) == [4, 2]
