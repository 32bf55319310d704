"""What an operation that is planned for the first time costs others, and what is told if that is too much."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.gateway.engine import PlanOperation
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import MakePlanner, Router
from trevo.main import plan_with_planner
from trevo.operation.tree import Operation
from trevo.plan.nodes import QueryPlan
from trevo.planner import PlanningTookLong
from trevo.supergraph import Supergraph

MakeRouter = Callable[..., Router]


@pytest.fixture
async def make_router() -> AsyncIterator[MakeRouter]:
    made: list[Router] = []

    def make(limits: Limits, make_planner: MakePlanner = plan_with_planner) -> Router:
        clients = {each.name: InProcessSubgraphClient(each.name, each, each.listen) for each in SmallGraph().subgraphs}
        made.append(
            Router(Settings(limits=limits), supergraph_text=SUPERGRAPH, clients=clients, make_planner=make_planner)
        )
        return made[-1]

    yield make
    for router in made:
        await router.stop()


class LargeOperations:
    """Planning one called Large takes as long as the test wants."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def make_planner(self, supergraph: Supergraph, limits: Limits) -> PlanOperation:
        plan = plan_with_planner(supergraph, limits)

        def plan_slowly(operation: Operation, labels: frozenset[str]) -> QueryPlan:
            if operation.name == "Large":
                if limits.planning_seconds_max < Limits().planning_seconds_max:
                    raise PlanningTookLong("This takes long.")
                self.begun.set()
                assert self.may_end.wait(30)
            return plan(operation, labels)

        return plan_slowly


async def test_a_new_operation_is_answered_while_a_large_one_is_planned(make_router: MakeRouter) -> None:
    large = LargeOperations()
    router = make_router(Limits(), large.make_planner)
    waiting = asyncio.create_task(router.execute(GraphQLRequest("query Large { me { name } }")))
    assert await asyncio.to_thread(large.begun.wait, 30)
    assert (await router.execute(GraphQLRequest("{ me { name } }"))).body == {"data": {"me": {"name": "Ada"}}}
    assert not waiting.done()
    large.may_end.set()
    assert (await waiting).body == {"data": {"me": {"name": "Ada"}}}


async def test_who_waits_too_long_for_the_turn_is_told_that_the_router_is_busy(make_router: MakeRouter) -> None:
    large = LargeOperations()
    router = make_router(Limits(planning_wait_seconds_max=0.05), large.make_planner)
    result = await router.execute(GraphQLRequest("query Large { me { name } }"))
    large.may_end.set()
    assert (result.status, result.headers["retry-after"], result.body) == (
        503,
        "1",
        {
            "errors": [
                {
                    "message": "Too many other new operations are being worked out; try again in a moment.",
                    "extensions": {"code": "PLANNING_BUSY"},
                }
            ]
        },
    )


async def test_who_asks_for_what_takes_too_long_to_plan_is_told_that_it_is_too_large(make_router: MakeRouter) -> None:
    router = make_router(Limits(planning_seconds_max=1e-9))
    result = await router.execute(GraphQLRequest("{ me { name } }"))
    message = (
        "The operation is too large to plan: planning took longer than 1e-09 seconds of CPU time. "
        "Select fewer fields, or split it into several operations."
    )
    assert (result.status, result.body) == (
        400,
        {"errors": [{"message": message, "extensions": {"code": "PLANNING_LIMIT_EXCEEDED"}}]},
    )


async def test_what_takes_longer_than_is_given_at_first_is_planned_all_the_same(make_router: MakeRouter) -> None:
    router = make_router(Limits(planning_at_first_seconds_max=1e-9))
    assert (await router.execute(GraphQLRequest("{ me { name } }"))).body == {"data": {"me": {"name": "Ada"}}}
