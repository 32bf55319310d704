"""An operation over subgraphs that answer as they are told, run by its program and interpreted."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.router.conformance.test_conformance import HEADER
from tests.router.operation_tree import tree_of
from trevo.clients.subgraph_client import SubgraphRequest, SubgraphResponse
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.door import exact_json
from trevo.door.exact_json import copy_tree
from trevo.execute.prepare import prepare_plan
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.planner import Planner
from trevo.program.program import Program, compile_program
from trevo.projection.build import ResponseTypes, build_projection
from trevo.supergraph import Supergraph

HEAD = (
    HEADER % ""
    + """
enum join__Graph {
  A @join__graph(name: "a", url: "http://a.invalid")
  B @join__graph(name: "b", url: "http://b.invalid")
  C @join__graph(name: "c", url: "http://c.invalid")
}
"""
)
Entity = dict[str, Any]


@dataclass
class Answering:
    """A subgraph that has one answer to root fields, and one to each representation."""

    root: dict[str, Any] = field(default_factory=dict)
    entity: Callable[[Entity], Entity | None] = lambda _sent: None
    asked: list[tuple[str, Any]] = field(default_factory=list)

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        self.asked.append((request.document, copy_tree(request.variables)))
        asked = {name: sent for name, sent in request.variables.items() if name.startswith("representations")}
        entities = {
            name.replace("representations", "_e") if len(asked) > 1 else "_entities": sent
            for name, sent in asked.items()
        }
        answer = {name: [self.entity(each) for each in sent] for name, sent in entities.items()} or self.root
        return SubgraphResponse(copy_tree({"data": answer}))

    async def close(self) -> None: ...

    subscribe = None


@dataclass
class Answered:
    body: dict[str, Any]
    asked: dict[str, list[tuple[str, Any]]]
    runs: dict[str, float]
    """How often programs ended how."""
    programs: dict[str, float]


def figure(router: Router, name: str) -> dict[str, float]:
    """By label: a counter of *router*."""
    (family,) = [each for each in router.metrics.registry.collect() if f"{each.name}_total" == name]
    return {
        next(iter(sample.labels.values())): sample.value for sample in family.samples if sample.name.endswith("_total")
    }


def program_of(supergraph: Supergraph, query: str) -> Program:
    """As it is written for *query*, with its text."""
    tree = tree_of(query)
    projection = build_projection(ResponseTypes(supergraph.public_schema), tree, {})
    return compile_program(prepare_plan(Planner(supergraph).plan(tree)), projection, {}, keep_text=True)


async def settled(router: Router) -> None:
    """As soon as all programs are written that are to be."""
    while under_way := list(router.engine._working.under_way.values()):
        await asyncio.wait(under_way)


def router_of(types: str, subgraphs: Mapping[str, Answering], **limits: Any) -> Router:
    return Router(
        Settings(limits=Limits(**limits)),
        supergraph_text=HEAD + types,
        clients=dict(subgraphs),
        make_planner=plan_with_planner,
    )


async def answered(
    types: str, subgraphs: Mapping[str, Answering], query: str, *, times: int = 1, **limits: Any
) -> Answered:
    """By the program, which must ask and answer as the interpreter does."""
    bodies, asked, routers = [], [], []
    for uses in (1, 0):
        router = router_of(types, subgraphs, compile_after_uses=uses, **limits)
        routers.append(router)
        for _ in range(times):
            for each in subgraphs.values():
                each.asked.clear()
            bodies.append((await router.execute(GraphQLRequest(query))).body)
            asked.append({name: sorted(each.asked, key=exact_json.dumps) for name, each in subgraphs.items()})
        await router.stop()
    # As text: for Python 1, 1.0 and true are equal.
    assert len(set(map(exact_json.dumps, bodies))) == 1
    assert len(set(map(exact_json.dumps, asked))) == 1
    program = routers[0]
    return Answered(
        bodies[0], asked[0], figure(program, "router_program_runs_total"), figure(program, "router_programs_total")
    )
