"""Programs are written while others are answered: no request waits for one, and none fails because of one."""

import asyncio
import threading
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.router.program.both_forms import Answering, figure, router_of, settled
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router

USERS = """
type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { me: User @join__field(graph: A) }
type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  friends: [User!] @join__field(graph: A)
  name: String @join__field(graph: A)
  x: Int @join__field(graph: B)
}
"""


def users(**limits: Any) -> Router:
    me = {"__typename": "User", "id": "1", "name": "Ada"}
    subgraphs = {
        "a": Answering({"me": {**me, "friends": []}}),
        "b": Answering(entity=lambda _sent: {"__typename": "User", "x": 1}),
        "c": Answering(),
    }
    return router_of(USERS, subgraphs, **limits)


async def ask(router: Router, query: str = "{ me { x } }") -> Any:
    result = await router.execute(GraphQLRequest(query))
    return result.status, result.body


async def test_nobody_waits_for_a_program() -> None:
    """Whoever plans is busy with something else for as long as it takes."""
    router = users(compile_after_uses=2)
    assert (await ask(router))[0] == 200
    go_on = threading.Event()
    for worker in (router.engine._working.worker, router.engine._working.worker_for_large):
        worker.submit(go_on.wait)
    for _ in range(3):
        assert await ask(router) == (200, {"data": {"me": {"x": 1}}})
    assert figure(router, "router_program_runs_total") == {}
    go_on.set()
    await settled(router)
    await ask(router)
    assert figure(router, "router_program_runs_total") == {"done": 1}
    await router.stop()


async def test_one_that_is_written_at_once_is_waited_for_no_longer_than_for_a_plan() -> None:
    router = users(planning_wait_seconds_max=1, compile_after_uses=1)
    go_on = threading.Event()
    router.engine._working.worker_for_large.submit(go_on.wait)
    assert await ask(router) == (200, {"data": {"me": {"x": 1}}})
    assert figure(router, "router_program_runs_total") == {}
    go_on.set()
    await router.stop()


async def test_so_many_wait_to_be_written_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trevo.gateway.engine.PROGRAMS_WAITING_MAX", 2)
    router = users(compile_after_uses=2)
    go_on = threading.Event()
    router.engine._working.worker_for_large.submit(go_on.wait)
    for number in range(5):
        for _ in range(2):
            await ask(router, f"{{ a{number}: me {{ x }} }}")
    assert len(router.engine._working.under_way) == 2
    go_on.set()
    await settled(router)
    assert figure(router, "router_programs_total") == {"written": 2}
    await ask(router, "{ a4: me { x } }")
    await settled(router)
    assert figure(router, "router_programs_total") == {"written": 3}
    await router.stop()


async def test_one_that_cannot_be_written_fails_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("trevo.gateway.engine.compile_program", fails)
    router = users(compile_after_uses=1)
    with capture_logs() as logs:
        for _ in range(3):
            assert await ask(router) == (200, {"data": {"me": {"x": 1}}})
    assert [each["event"] for each in logs] == ["a program could not be written; the interpreter goes on"]
    assert figure(router, "router_programs_total") == {"bug": 1}
    await router.stop()


async def test_one_that_python_does_not_take_fails_no_request() -> None:
    """Python allows twenty blocks in each other."""
    router = users(compile_after_uses=1, cost_max=1e30)
    query = "{ me " + "{ friends " * 22 + "{ x " + "} " * 23 + "}"
    status, body = await ask(router, query)
    assert (status, body.get("errors")) == (200, None)
    assert figure(router, "router_programs_total") == {"deep": 1}
    await router.stop()


async def test_a_retired_engine_writes_no_more() -> None:
    router = users(compile_after_uses=2)
    engine, go_on, begun = router.engine, threading.Event(), threading.Event()
    engine._working.worker_for_large.submit(lambda: begun.set() or go_on.wait())
    for _ in range(2):
        await ask(router)
    await asyncio.to_thread(begun.wait)
    assert len(engine._working.under_way) == 1
    await router.stop()
    await settled(router)
    go_on.set()
    assert figure(router, "router_programs_total") == {}
