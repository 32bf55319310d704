"""
The investor's first screen while `marketplace` hangs: whatever does not need it is asked at once, and answered.

The supergraph and the operation are the product's; the subgraphs are stubs that answer from one table, when they may.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, SelectionNode, parse

from launch.databases import DOMAINS
from launch.home import ROOT
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import create_app

pytestmark = pytest.mark.timeout(60)

INVESTOR_HOME = (ROOT / "schema" / "operations" / "InvestorHome.graphql").read_text()


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "BRL"}


CPR_1 = {"id": "c1", "crop": "SOY", "region": "MT", "annualRate": "0.12", "termMonths": 12, "riskGrade": "B"}
CPR_2 = {**CPR_1, "id": "c2", "crop": "COFFEE", "region": "AC"}
ACTIVITIES = {
    name: {"id": f"a{number}", "occurredAt": f"2026-01-0{number}T12:00:00Z", "summary": f"{name}."}
    for number, name in enumerate(("Investment", "Payout", "Deposit", "AgroScore"), start=1)
}
USER = {
    "id": "u1",
    "displayName": "Marina",
    "identityStatus": "VERIFIED",
    "wallet": {"id": "w1", "available": money("10.00"), "held": money("1.00")},
    "portfolio": {
        "invested": money("500.00"),
        "outstanding": money("400.00"),
        "expectedIncome": money("60.00"),
        "activeCount": 2,
        "impact": {"families": 3, "hectares": "4.5", "cprCount": 2},
    },
    "payouts": {
        "nodes": [
            {
                "id": "p1",
                "net": money("7.00"),
                "status": "CREDITED",
                "creditedAt": "2026-01-05T12:00:00Z",
                "cpr": {"id": "c1", "crop": "SOY", "region": "MT"},
            }
        ]
    },
    "activities": {"nodes": [{"__typename": name, **each} for name, each in ACTIVITIES.items()]},
    "unreadCount": 5,
}
OFFERING = {
    "id": "o1",
    "fundedPercent": "30.0",
    "closesAt": "2026-03-01T12:00:00Z",
    "expectedNetReturn": "55.00",
    "cpr": CPR_2,
}
HOME = {"me": USER, "offerings": {"nodes": [OFFERING]}}
ENTITIES = {("User", "u1"): USER, ("CPR", "c1"): CPR_1, ("CPR", "c2"): CPR_2, ("Offering", "o1"): OFFERING} | {
    (name, each["id"]): each for name, each in ACTIVITIES.items()
}

WITHOUT_MARKETPLACE = copy.deepcopy(HOME)
WITHOUT_MARKETPLACE["offerings"] = None
WITHOUT_MARKETPLACE["me"]["portfolio"] = None
WITHOUT_MARKETPLACE["me"]["activities"]["nodes"][0] = None


def select(value: Any, selections: Iterable[SelectionNode]) -> Any:
    """Of *value*, from the table, what is selected."""
    if isinstance(value, list):
        return [select(each, selections) for each in value]
    selected: dict[str, Any] = {}
    for each in selections:
        if not isinstance(each, FieldNode):
            assert each.kind == "inline_fragment"
            if each.type_condition.name.value == value.get("__typename"):
                selected |= select(value, each.selection_set.selections)
            continue
        below = value[each.name.value]
        key = each.alias.value if each.alias else each.name.value
        selected[key] = select(below, each.selection_set.selections) if each.selection_set else below
    return selected


@dataclass
class Stub:
    """A subgraph that answers from the table, from when it may."""

    asked: list[list[str]] = field(default_factory=list)
    """Of each request, what it asks about: a root field, or the objects."""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, request: SubgraphRequest) -> dict[str, Any]:
        (operation,) = parse(request.document).definitions
        assert isinstance(operation, OperationDefinitionNode)
        found: dict[str, Any] = {}
        about: list[str] = []
        for each in operation.selection_set.selections:
            assert isinstance(each, FieldNode)
            if each.name.value != "_entities":
                about.append(each.name.value)
                found |= select(HOME, [each])
                continue
            sent = request.variables[each.arguments[0].value.name.value]
            about += [f"{one['__typename']} {one['id']}" for one in sent]
            entities = [{"__typename": one["__typename"], **ENTITIES[one["__typename"], one["id"]]} for one in sent]
            found[each.alias.value if each.alias else "_entities"] = select(entities, each.selection_set.selections)
        async with self.changed:
            self.asked.append(about)
            self.changed.notify_all()
        await self.may_answer.wait()
        return {"data": found}

    @property
    def about(self) -> list[str]:
        return [each for request in self.asked for each in request]

    async def until_asked_about(self, all_of: list[str]) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: set(all_of) <= set(self.about))


@dataclass
class World:
    router: Router
    stubs: dict[str, Stub]

    def ask(self) -> asyncio.Task[Any]:
        return asyncio.create_task(self.router.execute(GraphQLRequest(INVESTOR_HOME)))

    def companies(self, subgraph: str) -> dict[str, float]:
        """How many requests of *subgraph* waited for a late part, by whether they then went with it."""
        read = self.router.metrics.registry.get_sample_value
        name = "router_subgraph_company_seconds_count"
        found = {each: read(name, {"subgraph": subgraph, "went": each}) for each in ("whole", "without")}
        return {each: count for each, count in found.items() if count}


@asynccontextmanager
async def a_world(*hanging: str, limits: Limits) -> AsyncIterator[World]:
    stubs = {name: Stub() for name in DOMAINS}
    for name, stub in stubs.items():
        if name not in hanging:
            stub.may_answer.set()
    clients = {name: InProcessSubgraphClient(name, stub, None) for name, stub in stubs.items()}
    text = (ROOT / "schema" / "supergraph.graphql").read_text()
    router = create_app(Settings(limits=limits), supergraph_text=text, clients=clients).router
    yield World(router, stubs)
    await router.stop()


async def test_with_everybody_there_the_screen_is_whole() -> None:
    async with a_world(limits=Limits()) as world:
        result = await world.ask()
        assert result.body == {"data": HOME}


NEEDS_NOBODY_WHO_HANGS = {
    "accounts": ["me"],
    "contracts": ["CPR c1"],
    "credit": ["AgroScore a4"],
    "distribution": ["Payout a2", "me"],
    "marketplace": ["Investment a1", "me", "offerings"],
    "notifications": ["me"],
    "wallet": ["Deposit a3", "me"],
}
"""All but the offerings' CPRs and returns, marketplace itself included."""


async def test_while_marketplace_hangs_all_that_does_not_need_it_is_asked() -> None:
    """Requests of marketplace and credit that carry something of an offering as well wait a while and leave without."""
    async with a_world("marketplace", limits=Limits()) as world:
        asking = world.ask()
        for name, about in NEEDS_NOBODY_WHO_HANGS.items():
            await world.stubs[name].until_asked_about(about)
        assert {name: sorted(stub.about) for name, stub in world.stubs.items()} == NEEDS_NOBODY_WHO_HANGS
        assert (world.companies("credit"), set(world.companies("marketplace"))) == ({"without": 1}, {"without"})
        assert not asking.done()
        world.stubs["marketplace"].may_answer.set()
        assert (await asking).body == {"data": HOME}
        assert world.stubs["credit"].asked == [["AgroScore a4"], ["CPR c2"]]
        assert world.stubs["marketplace"].asked[-1] == ["Offering o1"]


async def test_what_marketplace_does_not_give_is_missing_within_the_deadline_and_named() -> None:
    limits = Limits(deadline_seconds=4)
    async with a_world("marketplace", limits=limits) as world:
        begun = asyncio.get_running_loop().time()
        result = await world.ask()
        assert asyncio.get_running_loop().time() - begun < limits.deadline_seconds
        assert result.body == {
            "data": WITHOUT_MARKETPLACE,
            "errors": [
                {
                    "message": "The subgraph 'marketplace' did not answer in time.",
                    "path": path,
                    "extensions": {"code": "SUBREQUEST_TIMEOUT", "service": "marketplace"},
                }
                for path in (["me", "portfolio"], ["me", "activities", "nodes", 0, "occurredAt"], ["offerings"])
            ],
        }
        assert "Offering o1" not in world.stubs["marketplace"].about
