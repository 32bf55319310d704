"""A large answer does not keep the loop from others, and its work ends with its time."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.router.execute.test_odd_values import SUPERGRAPH
from trevo.clients.subgraph_client import DEADLINE_HEADER, Deadline, SubgraphRequest, SubgraphResponse
from trevo.config.settings import Settings
from trevo.door import exact_json
from trevo.execute.long_work import LARGE_BYTES, LOOK_EVERY_ITEMS, TimeIsOver, do_beside, watched
from trevo.execute.merge_response import merge_object
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.server.read_request import make_request

OBJECTS = 300_000
PAST = Deadline(0)


class LargeAnswers:
    """A subgraph that answers with very many objects, *after* so many seconds."""

    def __init__(self, *, objects: int = OBJECTS) -> None:
        self.objects = objects
        self.after = 0.0
        self.answered = asyncio.Event()

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        if "many" not in request.document:
            return SubgraphResponse({"data": {"other": 1}})
        body = {"data": {"many": [{"__typename": "P", "id": str(number)} for number in range(self.objects)]}}
        size = len(exact_json.dumps(body))
        await asyncio.sleep(self.after)
        self.answered.set()
        return SubgraphResponse(body, size=size)

    async def subscribe(self, _request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        raise NotImplementedError  # nobody listens in these tests
        yield

    async def close(self) -> None: ...


def make_router(subgraph: LargeAnswers) -> Router:
    clients = {"a": subgraph, "b": subgraph}
    return Router(Settings(), supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)


async def ask(router: Router, query: str, milliseconds: int = 30_000) -> Any:
    request = make_request({"query": query}, {DEADLINE_HEADER: str(milliseconds)}, look=str)
    return (await router.execute(request)).body


async def test_another_request_is_answered_while_a_large_answer_is_written() -> None:
    subgraph = LargeAnswers()
    router = make_router(subgraph)
    assert await ask(router, "{ other }") == {"data": {"other": 1}}
    large = asyncio.create_task(ask(router, "{ many { id } }"))
    await subgraph.answered.wait()
    assert await ask(router, "{ other }") == {"data": {"other": 1}}
    assert not large.done()
    answer = await large
    assert len(answer["data"]["many"]) == OBJECTS
    assert answer["data"]["many"][-1] == {"id": str(OBJECTS - 1)}
    await router.stop()


@pytest.mark.parametrize("times", [1, 4])
async def test_a_large_answer_is_not_written_past_its_deadline(times: int) -> None:
    subgraph = LargeAnswers(objects=10)
    router = make_router(subgraph)
    for _ in range(times - 1):  # the fourth is written by compiled code
        await ask(router, "{ many { id } }")
    subgraph.objects, subgraph.after = OBJECTS, 1.1
    answer = await ask(router, "{ many { id } }", 1_000)
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DEADLINE_EXCEEDED"]
    await router.stop()


async def test_merging_and_all_that_goes_through_lists_ends_with_the_deadline() -> None:
    items = [{"a": number} for number in range(1_000)]

    def merge() -> dict[str, Any]:
        target = {"items": [{"b": 1} for _ in items]}
        merge_object(target, {"items": [dict(item) for item in items]}, [])
        return target

    with pytest.raises(TimeIsOver):
        await do_beside(LARGE_BYTES, PAST, merge)
    merged = await do_beside(LARGE_BYTES, Deadline.after(60), merge)
    assert merged == {"items": [{"b": 1, "a": number} for number in range(1_000)]}


async def test_what_is_small_is_done_at_once_whatever_the_time() -> None:
    assert await do_beside(LARGE_BYTES - 1, PAST, lambda: list(watched(list(range(1_000))))) == list(range(1_000))
    short = list(range(LOOK_EVERY_ITEMS - 1))
    assert await do_beside(LARGE_BYTES, PAST, lambda: watched(short)) is short


async def test_work_that_nobody_waits_for_any_more_ends() -> None:
    loop, ended, begun = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            while True:
                list(watched([0] * LOOK_EVERY_ITEMS))
        except TimeIsOver:
            loop.call_soon_threadsafe(ended.set)

    task = asyncio.create_task(do_beside(LARGE_BYTES, Deadline.after(600), work))
    await begun.wait()
    task.cancel()
    await asyncio.wait_for(ended.wait(), 60)
