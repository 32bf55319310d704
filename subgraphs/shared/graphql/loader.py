"""
Look-ups of one request, gathered into batches: who asks at the same time shares one SQL statement.

Strawberry's `DataLoader` does the same with several callbacks more per key: a seventh of all that a screen caused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Loader(Generic[K, V]):
    """
    Finds values by key with *load*, which is given the keys of one batch and answers in their order.

    A key is looked up once; who asks for it again gets the same answer.
    """

    def __init__(self, load: Callable[[list[K]], Awaitable[Sequence[V]]]) -> None:
        self._load = load
        self._answers: dict[K, asyncio.Future[V]] = {}
        self._waiting: list[K] = []
        self._loading: set[asyncio.Task[None]] = set()

    def load(self, key: K) -> Awaitable[V]:
        """The value of *key*."""
        return self._answer(key)

    async def load_many(self, keys: Iterable[K]) -> list[V]:
        """The values of *keys*, in their order."""
        answers = [self._answer(key) for key in keys]
        # Nearly always of one batch, so that there is one wait, for the first.
        return [await answer for answer in answers]

    def _answer(self, key: K) -> asyncio.Future[V]:
        answer = self._answers.get(key)
        if answer is None or answer.cancelled():
            loop = asyncio.get_running_loop()
            answer = self._answers[key] = loop.create_future()
            if not self._waiting:
                task = loop.create_task(self._load_waiting())
                self._loading.add(task)
                task.add_done_callback(self._loading.discard)
            self._waiting.append(key)
        return answer

    async def _load_waiting(self) -> None:
        # This is a turn after the first who asked. Tasks that were begun beside it ask in this turn: one more for them.
        await asyncio.sleep(0)
        keys, self._waiting = self._waiting, []
        answers = [self._answers[key] for key in keys]
        try:
            values = await self._load(keys)
            if len(values) != len(keys):
                raise RuntimeError(f"{len(values)} values were loaded for {len(keys)} keys")
        except Exception as error:  # noqa: BLE001  # whatever befell the batch befell each who asked
            for answer in answers:
                if not answer.done():
                    answer.set_exception(error)
                    answer.exception()  # noted here, so that nobody complains where only one of them is looked at
            return
        for answer, value in zip(answers, values, strict=True):
            if not answer.done():
                answer.set_result(value)
