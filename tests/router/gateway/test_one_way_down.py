"""A request asks its graph each question once, and the answer reads like a list of stages."""

import ast
import inspect
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.router.server.guarded import GUARDED
from tests.router.small_graph import SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway import answer
from trevo.gateway.engine import Engine
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

NO_QUESTIONS = {"begin_request", "end_request", "retire"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often an engine was asked what."""
    counts: Counter[str] = Counter()

    def counted(name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any) -> Any:
            counts[name] += 1
            return ask(*arguments)

        return count

    for name, member in vars(Engine).items():
        if inspect.isfunction(member) and not name.startswith("_") and name not in NO_QUESTIONS:
            monkeypatch.setattr(Engine, name, counted(name, member))
    return counts


async def test_an_operation_is_prepared_and_planned(router: Router, asked: Counter[str]) -> None:
    result = await router.execute(GraphQLRequest("{ me { name } __schema { queryType { name } } }"))
    assert result.errors == []
    assert asked == {"prepare": 1, "plan": 1}


async def test_where_something_is_ruled_out_it_is_permitted_between(graph: SmallGraph, asked: Counter[str]) -> None:
    clients = {each.name: InProcessSubgraphClient(each.name, each) for each in graph.subgraphs}
    router = Router(Settings(), supergraph_text=GUARDED, clients=clients, make_planner=plan_with_planner)
    result = await router.execute(GraphQLRequest("{ me { name email } }"))
    assert result.data == {"me": {"name": "Ada", "email": None}}
    assert asked == {"prepare": 1, "permit": 1, "plan": 1}
    await router.stop()


def test_no_stage_is_called_twice() -> None:
    tree = ast.parse(inspect.getsource(answer))
    (way,) = (node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name == "_answer")
    awaited = Counter(ast.unparse(node.value.func) for node in ast.walk(way) if isinstance(node, ast.Await))
    assert {name: times for name, times in awaited.items() if times > 1} == {}
