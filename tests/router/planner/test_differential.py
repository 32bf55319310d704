"""
The router over simulated subgraphs answers random operations like one server that has all the data.

Two worlds have between them every feature of the federation; see `simulated_subgraphs` for what else is checked.
More operations: `FUZZ_OPERATIONS=1000 FUZZ_SEED=7`.
"""

import json
import os
from itertools import islice
from pathlib import Path

import pytest

from router.api.read_request import GraphQLRequest
from router.core.limits import Limits
from router.core.settings import Settings
from router.main import plan_with_planner
from router.router import Router
from router.supergraph import load_supergraph
from tests.router.planner.random_operations import RandomOperations
from tests.router.planner.simulated_subgraphs import SimulatedSubgraph, Store, answer_plainly

WORLDS = Path(__file__).parent / "worlds"
OPERATIONS = int(os.environ.get("FUZZ_OPERATIONS", "40"))
PATIENT = Limits(planning_seconds_max=60, deadline_seconds=120, subgraph_seconds_max=120)
"""A busy machine must not look like a wrong plan."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))


@pytest.mark.timeout(0 if OPERATIONS > 100 else 120)
@pytest.mark.parametrize(("world", "kind"), [("market", "query"), ("depot", "query"), ("depot", "mutation")])
async def test_the_router_answers_like_one_server(world: str, kind: str) -> None:
    text = (WORLDS / f"{world}.graphql").read_text()
    supergraph = load_supergraph(text)
    store = Store(supergraph, SEED)
    violations: list[str] = []
    subgraphs = {name: SimulatedSubgraph(store, name, violations) for name in supergraph.subgraphs}
    router = Router(
        Settings(limits=PATIENT),
        supergraph_text=text,
        clients={name: subgraph.client() for name, subgraph in subgraphs.items()},
        make_planner=plan_with_planner,
    )
    operations = RandomOperations(supergraph.public_schema, SEED, kind=kind)
    for query, variables in islice(operations, OPERATIONS):
        result = await router.execute(GraphQLRequest(query, variables=variables))
        mutations = store.mutations.copy()
        store.mutations.clear()
        expected = answer_plainly(store, query, variables)
        assert mutations == store.mutations, f"{query}\n{result.body}"
        store.mutations.clear()
        context = f"{query}\n{variables}\n{violations}"
        # As text, since the order of members counts too.
        assert json.dumps(result.body) == json.dumps(expected), context
        assert violations == [], context


def test_a_subgraph_notices_what_it_should_not_be_asked() -> None:
    supergraph = load_supergraph((WORLDS / "market.graphql").read_text())
    violations: list[str] = []
    store = Store(supergraph, SEED)
    reviews = SimulatedSubgraph(store, "reviews", violations)
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Film { stars(scale: 1) minutes } } }"
    sent = {"__typename": "Film", "id": "Film1.id"}
    answered = reviews.ask(query, {"r": [sent, {"__typename": "Film", "title": "x"}]})
    assert answered["data"]["_entities"][1] is None
    assert [violation.split(" with ")[0].split(" for {")[0] for violation in violations] == [
        "reviews has no key",
        "reviews was asked for Film.stars",
        "reviews was asked for Film.minutes, which it does not resolve",
    ]
