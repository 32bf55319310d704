"""When a subgraph is left alone, and when it is asked again. Time is moved by hand."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import structlog

from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.circuit import State
from trevo.clients.guarded_client import PROBE, GuardedClient
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import CircuitOpen, Deadline, SubgraphFailed, SubgraphRequest, SubgraphResponse
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

ANSWER = SubgraphResponse({"data": {"a": 1}})
GONE = SubgraphFailed("gone", is_outage=True)
LATE = SubgraphFailed("late", code="SUBREQUEST_TIMEOUT", is_outage=True)
BAD = SubgraphFailed("not JSON", code="SUBREQUEST_INVALID_RESPONSE")


class World:
    """A subgraph that answers what it is told, and a clock."""

    def __init__(self, **limits: Any) -> None:
        self.now = 0.0
        self.next: SubgraphResponse | Exception = ANSWER
        self.requests: list[str] = []
        self.states: list[str] = []
        self.sleeping: list[tuple[float, asyncio.Future[None]]] = []
        self.client = GuardedClient("s", self, Limits(**limits), tell=self.tell, now=lambda: self.now, sleep=self.sleep)

    def tell(self, subgraph: str, state: str) -> None:
        assert subgraph == "s"
        self.states.append(str(state))

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self.sleeping.append((self.now + seconds, woken))
        await woken

    async def move(self, seconds: float) -> None:
        """Let time pass, and the probe do what it then does until it sleeps again or is over."""
        await self.settle()
        self.now += seconds
        for until, woken in self.sleeping:
            if until <= self.now:
                woken.set_result(None)
        self.sleeping = [(until, woken) for until, woken in self.sleeping if not woken.done()]
        await self.settle()

    async def settle(self) -> None:
        while not self.sleeping and self.client._probing and not self.client._probing.done():  # noqa: ASYNC110  # turns of the loop, not time
            await asyncio.sleep(0)

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request.document)
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        yield await self.send(request)

    async def close(self) -> None:
        """Nothing is held."""

    async def ask(self, answer: SubgraphResponse | Exception, *, seconds: float = 10, is_mutation: bool = False) -> str:
        """One request; the code of its failure, or `ok`."""
        self.next = answer
        request = SubgraphRequest("{ a }", deadline=Deadline.after(seconds), is_mutation=is_mutation)
        try:
            await self.client.send(request)
        except SubgraphFailed as error:
            return error.code
        return "ok"


async def open_circuit(world: World) -> None:
    for _ in range(3):
        await world.ask(GONE)
    assert world.client.circuit.state is State.OPEN
    world.requests.clear()


@pytest.mark.parametrize("failure", [GONE, LATE])
async def test_three_failures_in_a_row_open_it_and_the_fourth_request_is_not_sent(failure: SubgraphFailed) -> None:
    world = World()
    assert [await world.ask(failure) for _ in range(4)] == [failure.code] * 3 + ["SUBGRAPH_CIRCUIT_OPEN"]
    assert world.requests == ["{ a }"] * 3
    assert world.states == ["closed", "open"]
    await world.client.close()


async def test_how_many_failures_is_a_setting() -> None:
    world = World(circuit_failures=1)
    assert [await world.ask(GONE) for _ in range(2)] == ["SUBREQUEST_FAILED", "SUBGRAPH_CIRCUIT_OPEN"]
    await world.client.close()


async def test_an_answer_forgets_the_failures_before_it() -> None:
    world = World()
    for answer in (GONE, GONE, ANSWER, GONE, GONE):
        await world.ask(answer)
    assert world.states == ["closed"]


async def test_failures_far_apart_are_not_repeated_ones() -> None:
    world = World(circuit_window_seconds=60)
    for at, state in ((0, "closed"), (31, "closed"), (61, "closed"), (91, "open")):
        world.now = at
        await world.ask(GONE)
        assert world.states[-1] == state
    await world.client.close()


async def test_who_answers_badly_is_there() -> None:
    world = World()
    assert [await world.ask(BAD) for _ in range(4)] == ["SUBREQUEST_INVALID_RESPONSE"] * 4
    assert world.states == ["closed"]


async def test_a_deadline_that_nobody_could_keep_is_no_failure() -> None:
    world = World(circuit_patience_seconds=2)
    for _ in range(4):
        await world.ask(LATE, seconds=1.9)
    assert world.states == ["closed"]
    for _ in range(3):
        await world.ask(LATE, seconds=2.1)
    assert world.states == ["closed", "open"]
    await world.client.close()


async def test_a_mutation_is_refused_before_anything_is_sent() -> None:
    world = World()
    await open_circuit(world)
    with pytest.raises(CircuitOpen, match="does not answer at the moment, so it was not asked; try again"):
        await world.client.send(SubgraphRequest("mutation { pay }", is_mutation=True))
    assert world.requests == []
    await world.client.close()


async def test_a_subscription_is_refused_too_and_its_failures_count() -> None:
    world = World()
    world.next = GONE
    for _ in range(3):
        with pytest.raises(SubgraphFailed, match="gone"):
            await anext(world.client.subscribe(SubgraphRequest("subscription { a }")))
    with pytest.raises(CircuitOpen):
        await anext(world.client.subscribe(SubgraphRequest("subscription { a }")))
    await world.client.close()


async def test_after_a_while_one_probe_asks_by_itself_and_closes_it() -> None:
    world = World(circuit_open_seconds=5)
    await open_circuit(world)
    world.next = ANSWER
    await world.move(4.9)
    assert world.states[1:] == ["open"]
    await world.move(0.1)
    assert world.requests == [PROBE]
    assert world.states[1:] == ["open", "half_open", "closed"]
    assert await world.ask(ANSWER) == "ok"


async def test_a_probe_without_an_answer_waits_again() -> None:
    world = World(circuit_open_seconds=5)
    await open_circuit(world)
    for _ in range(2):
        await world.move(5)
    assert world.requests == [PROBE] * 2
    assert world.states[1:] == ["open", "half_open", "open", "half_open", "open"]
    world.next = BAD  # it is there
    await world.move(5)
    assert world.states[-1] == "closed"


async def test_after_a_probe_one_failure_is_enough_until_a_request_is_answered() -> None:
    world = World(circuit_open_seconds=5)
    await open_circuit(world)
    world.next = ANSWER
    await world.move(5)
    assert await world.ask(GONE) == "SUBREQUEST_FAILED"
    assert world.client.circuit.state is State.OPEN
    world.next = ANSWER
    await world.move(5)
    assert await world.ask(ANSWER) == "ok"
    assert await world.ask(GONE) == "SUBREQUEST_FAILED"
    assert world.client.circuit.state is State.CLOSED


async def test_a_bug_in_a_probe_does_not_leave_it_open_for_good() -> None:
    world = World(circuit_open_seconds=5)
    await open_circuit(world)
    world.next = ZeroDivisionError("bug")
    await world.move(5)
    assert world.states[-1] == "open"
    world.next = ANSWER
    await world.move(5)
    assert world.states[-1] == "closed"


async def test_the_log_has_a_line_for_each_outage_and_its_end() -> None:
    world = World(circuit_open_seconds=5)
    with structlog.testing.capture_logs() as logged:
        await open_circuit(world)
        for _ in range(3):
            await world.ask(ANSWER)
            world.next = GONE
            await world.move(5)
        world.next = ANSWER
        await world.move(5)
    assert [(line["event"], line["subgraph"], line["circuit"]) for line in logged] == [
        ("subgraph is not asked for now", "s", "open"),
        ("subgraph is asked again", "s", "closed"),
    ]


# ── in a router ──


async def test_a_subgraph_that_is_away_is_told_by_code_and_metric_and_the_others_answer(graph: SmallGraph) -> None:
    def away(_request: SubgraphRequest) -> Any:
        raise ConnectionError

    graph.reviews.fault = away
    clients = {subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph) for subgraph in graph.subgraphs}
    router = Router(
        Settings(limits=Limits(circuit_failures=2)),
        supergraph_text=SUPERGRAPH,
        clients=clients,
        make_planner=plan_with_planner,
    )
    for code in ("SUBREQUEST_FAILED", "SUBREQUEST_FAILED", "SUBGRAPH_CIRCUIT_OPEN"):
        answer = (await router.execute(GraphQLRequest("{ me { name reviews { body } } }"))).body
        assert answer["data"] == {"me": {"name": "Ada", "reviews": None}}
        (error,) = answer["errors"]
        assert (error["path"], error["extensions"]) == (["me", "reviews"], {"code": code, "service": "reviews"})
    assert len(graph.reviews.requests) == 2
    figures = router.metrics.text().decode()
    assert 'router_subgraph_circuit{router_subgraph_circuit="open",subgraph="reviews"} 1.0' in figures
    assert 'router_subgraph_circuit{router_subgraph_circuit="closed",subgraph="users"} 1.0' in figures
    assert 'router_subgraph_fetch_seconds_count{outcome="SUBGRAPH_CIRCUIT_OPEN",subgraph="reviews"} 1.0' in figures
    await router.stop()
