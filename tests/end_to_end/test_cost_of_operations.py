"""
What the product's operations cost by the product's real schema, to the figure, and what an attacker's would.

The first half of a bound is for what clients ship and for what they will ship next: none of them takes a fifth of it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import GraphQLField, GraphQLInputObjectType, OperationDefinitionNode, get_named_type, parse

from launch.home import ROOT
from subgraphs.accounts.api.schema import schema as accounts_schema
from subgraphs.contracts.api.schema import schema as contracts_schema
from subgraphs.shared import subgraph as subgraphs
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.graphql.entities import FederatedSchema
from subgraphs.shared.messaging.reactions import Reactions
from subgraphs.shared.settings import DoorSettings
from tests.fixtures.tokens import TokenIssuer
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.door.cost import price_operation
from trevo.door.documents import fragments_by_name
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner
from trevo.supergraph import Supergraph, load_supergraph

SUPERGRAPH = (ROOT / "schema" / "supergraph.graphql").read_text()
OPERATIONS = ROOT / "schema" / "operations"
SHARE_MAX = 1 / 5

COSTS = {
    "AnalystQueue": 644,
    "BackOffice": 1_569,
    "Consents": 111,
    "CreditScore": 22,
    "FarmerHome": 39,
    "IncomeStatement": 190,
    "InvestorHome": 33,
    "Marketplace": 102,
    "MyContracts": 1_473,
    "MySeeds": 730,
    "NotificationReceived": 1,
    "Notifications": 33,
    "OfferingDetail": 160,
    "Payments": 604,
    "SecondaryMarket": 238,
    "TransactionDashboard": 294,
    "Wallet": 67,
}

LEVELS = 5
HARVEST = (
    '{cpr(id:"00000000-0000-0000-0000-000000000001"){'
    + "installments{cpr{" * (LEVELS - 1)
    + "installments{id}"
    + "}}" * (LEVELS - 1)
    + "}}"
)
HARVEST_COST = 1 + sum(36**level * 2 for level in range(1, 5)) + 36**5


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return load_supergraph(SUPERGRAPH)


def cost_of(path: Path, supergraph: Supergraph) -> float:
    document = parse(path.read_text())
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    price = price_operation(supergraph.public_schema, supergraph.cost_rules, operation, fragments_by_name(document))
    values = path.with_suffix(".json")
    return price.estimate(orjson.loads(values.read_bytes()) if values.exists() else {})


def test_every_operation_has_its_cost_and_takes_a_small_part_of_the_bound(supergraph: Supergraph) -> None:
    found = {path.stem: cost_of(path, supergraph) for path in sorted(OPERATIONS.glob("*.graphql"))}
    assert found == COSTS
    assert max(found.values()) / Limits().cost_max <= SHARE_MAX


@pytest.mark.parametrize("cost_max", [Limits().cost_max, DoorSettings().query_cost_max])
def test_what_is_marked_once_fits_once_whoever_counts(cost_max: float) -> None:
    assert cost_max / 2 < ONCE.weight < cost_max * (1 - SHARE_MAX)


def inputs_of(mutation: GraphQLField) -> set[str]:
    """What a mutation takes, field by field."""
    types = [get_named_type(argument.type) for argument in mutation.args.values()]
    inputs = [type_ for type_ in types if isinstance(type_, GraphQLInputObjectType)]
    return {name for type_ in inputs for name in type_.fields}.union(mutation.args)


def test_every_mutation_that_takes_a_password_or_a_code_fits_once(supergraph: Supergraph) -> None:
    mutations = supergraph.public_schema.mutation_type
    assert mutations is not None
    secrets = {
        f"Mutation.{name}"
        for name, mutation in mutations.fields.items()
        if any(re.search("(password|code)$", taken, re.IGNORECASE) for taken in inputs_of(mutation))
    }
    assert {"Mutation.confirmIdentity", "Mutation.signIn", "Mutation.changePassword"} <= secrets
    weights = supergraph.cost_rules.weights
    assert {name for name in secrets if weights.get(name) != ONCE.weight} == set()


def test_what_the_router_lets_in_subgraphs_let_in() -> None:
    router, subgraph = Limits(), DoorSettings()
    assert router.cost_max <= subgraph.query_cost_max < subgraph.entities_cost_max
    assert router.list_size_assumed == subgraph.list_size_assumed
    assert router.depth_max < subgraph.query_depth_max
    assert 2 * router.fields_max <= subgraph.query_fields_max
    assert 2 * router.aliases_max <= subgraph.query_aliases_max
    assert 2 * router.tokens_max <= subgraph.query_tokens_max
    assert 2 * router.name_characters_max <= subgraph.query_name_characters_max


def every_page(supergraph: Supergraph) -> Iterator[str]:
    for name, definition in supergraph.types.items():
        for field in definition.fields.values():
            if field.type.name.endswith("Page"):
                yield f"{name}.{field.name}"


def test_every_page_says_how_long_it_is(supergraph: Supergraph) -> None:
    pages = set(every_page(supergraph))
    assert len(pages) > 15
    sized = supergraph.cost_rules.list_sizes
    assert {page for page in pages if page not in sized or sized[page].sized_fields != ("nodes",)} == set()
    assert {sized[page].slicing_arguments for page in pages} == {("first",)}


class Recorded:
    """All subgraphs, asked nothing so far."""

    def __init__(self) -> None:
        self.requests: list[SubgraphRequest] = []

    async def answer(self, request: SubgraphRequest) -> dict[str, Any]:
        self.requests.append(request)
        return {"data": None, "errors": [{"message": "only recorded"}]}


async def ask_router(query: str, recorded: Recorded, **variables: Any) -> dict[str, Any]:
    names = load_supergraph(SUPERGRAPH).subgraphs
    clients = {name: InProcessSubgraphClient(name, recorded.answer) for name in names}
    router = Router(Settings(), supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)
    try:
        return (await router.execute(GraphQLRequest(query, variables=variables))).body
    finally:
        await router.stop()


async def ask_subgraph(schema: FederatedSchema, query: str, **variables: Any) -> dict[str, Any]:
    """Straight at a subgraph's own door. It has no database, so whatever came further would say so."""
    subgraph = subgraphs.Subgraph(
        "none",
        schema,
        Database("postgresql://nobody:nothing@127.0.0.1:1/none"),
        TokenIssuer().verifier,
        Reactions("none"),
        door=Door(subgraph="none"),
    )
    return await subgraph.execute(subgraphs.GraphQLRequest(query, variables))


def too_expensive(estimated: float) -> dict[str, Any]:
    return {"code": "COST_ESTIMATED_TOO_EXPENSIVE", "cost": {"estimated": estimated, "max": 8_000}}


async def test_installments_of_a_cpr_of_installments_are_refused_at_both_doors() -> None:
    assert len(HARVEST) < 192
    recorded = Recorded()
    body = await ask_router(HARVEST, recorded)
    assert body["errors"][0]["extensions"] == too_expensive(HARVEST_COST)
    assert recorded.requests == []
    answer = await ask_subgraph(contracts_schema, HARVEST)
    assert answer["errors"][0]["extensions"] == too_expensive(HARVEST_COST)


SIGN_INS = "mutation ($input: SignInInput!) {" + " ".join(
    f"a{number}: signIn(input: $input) {{ __typename }}" for number in range(50)
)


async def test_fifty_sign_ins_in_one_request_are_refused_before_the_first_at_both_doors() -> None:
    recorded = Recorded()
    given = {"email": "ana@example.com", "password": "wrong"}
    body = await ask_router(SIGN_INS + "}", recorded, input=given)
    assert body["errors"][0]["extensions"] == too_expensive(50 * (ONCE.weight + 1))
    assert recorded.requests == []
    answer = await ask_subgraph(accounts_schema, SIGN_INS + "}", input=given)
    assert answer["errors"][0]["extensions"] == too_expensive(50 * (ONCE.weight + 1))


async def test_a_password_and_a_withdrawal_in_one_request_are_refused_though_two_subgraphs_have_them() -> None:
    recorded = Recorded()
    mutation = """mutation ($password: ChangePasswordInput!, $withdrawal: RequestWithdrawalInput!) {
      changePassword(input: $password) { __typename }
      requestWithdrawal(input: $withdrawal) { __typename }
    }"""
    values = {
        "password": {"currentPassword": "old", "newPassword": "new"},
        "withdrawal": {"bankAccountId": "b", "amount": {"amount": "10"}, "idempotencyKey": "key"},
    }
    body = await ask_router(mutation, recorded, **values)
    assert body["errors"][0]["extensions"]["code"] == "COST_ESTIMATED_TOO_EXPENSIVE", body
    assert recorded.requests == []
