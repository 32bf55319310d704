"""The kernel's GraphQL layer, over a small subgraph of its own: doors, entities, refusals, masking."""

import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import pytest
import strawberry

from subgraphs.shared import refusal
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money, MoneyInput
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.schema import make_schema
from subgraphs.shared.messaging.reactions import Reactions
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.fixtures.tokens import TokenIssuer

BARN = uuid.UUID(int=7)


@dataclass
class BarnFull(refusal.Refusal):
    """It takes no more."""

    message = refusal.Message(pt="Só cabem {free_minor}.", en="Only {free_minor} fit.")

    free_minor: Annotated[int, "What it takes."]
    wanted: int


@strawberry.input
class FillInput:
    amount: MoneyInput


@strawberry.federation.type(keys=["id"])
class Barn:
    id: strawberry.ID
    weight: Decimal = strawberry.federation.field(external=True, default=Decimal(0))

    @strawberry.federation.field(requires=["weight"])
    def shipping(self) -> Decimal:
        return self.weight * 2

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Any]:
        Barn.batches.append(len(references))
        return [
            cls(id=strawberry.ID(str(BARN)), weight=reference.values.get("weight", Decimal(0)))
            if reference.id == BARN and not info.context.is_anonymous
            else None
            for reference in references
        ]


Barn.batches = []


@strawberry.type
class Query:
    @strawberry.field
    def open_door(self) -> str:
        return "open"

    @strawberry.field
    def closed_door(self) -> Money:
        return Money.of_minor(12345)

    @strawberry.field
    def broken(self) -> str:
        raise RuntimeError("the secret is 529.982.247-25")


@strawberry.type
class Mutation:
    @mutation(BarnFull, description="Fill the barn.", result="The barn; or why not.")
    async def fill(self, input: FillInput) -> Barn:
        amount = input.amount
        if amount.to_minor() > 100:
            raise BarnFull(free_minor=100, wanted=amount.to_minor())
        if amount.to_minor() < 0:
            raise refusal.InvalidInput(field="amount", reason="must be positive", reason_pt="deve ser positivo")
        return Barn(id=strawberry.ID(str(BARN)))

    @strawberry.mutation
    async def burn(self) -> Barn:
        raise RuntimeError("nobody knows how")


SCHEMA = make_schema(
    query=Query,
    mutation=Mutation,
    types=[Barn],
    public_fields=["openDoor"],
    root_scopes={"closedDoor": (), "broken": (), "fill": (), "burn": ()},
)


@pytest.fixture
def subgraph(tokens: TokenIssuer) -> Subgraph:
    database = Database("postgresql://nobody:nothing@127.0.0.1:1/none")
    return Subgraph("barns", SCHEMA, database, tokens.verifier, Reactions("barns"))


async def ask(subgraph: Subgraph, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
    return await subgraph.execute(GraphQLRequest(query, variables, headers=headers or {}))


async def test_an_anonymous_asker_meets_open_doors_only(subgraph: Subgraph) -> None:
    answer = await ask(subgraph, "{ openDoor }")
    assert answer == {"data": {"openDoor": "open"}}
    refused = await ask(subgraph, "{ closedDoor { amount } }")
    assert refused["data"] == {"closedDoor": None}
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_money_leaves_as_a_decimal_string(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    answer = await ask(subgraph, "{ closedDoor { amount currency } }", tokens.bearer(BARN))
    assert answer == {"data": {"closedDoor": {"amount": "123.45", "currency": "BRL"}}}


async def test_a_forged_token_is_refused_before_anything_runs(subgraph: Subgraph) -> None:
    answer = await ask(subgraph, "{ openDoor }", TokenIssuer().bearer(BARN))
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Barn { id shipping } } }"


async def test_entities_are_asked_in_one_batch_and_fail_one_by_one(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    Barn.batches.clear()
    representations = [
        {"__typename": "Barn", "id": str(BARN), "weight": "1.50"},
        {"__typename": "Nothing", "id": "x"},
        {"__typename": "Barn", "id": str(uuid.UUID(int=8))},
        {"__typename": "Barn", "id": str(BARN), "weight": 1.5},
        {"__typename": "Barn", "id": str(BARN), "colour": "red"},
    ]
    answer = await ask(subgraph, ENTITIES, tokens.bearer(BARN), r=representations)
    assert answer["data"]["_entities"] == [{"id": str(BARN), "shipping": "3.00"}, None, None, None, None]
    assert [(error["path"], error["message"]) for error in answer["errors"]] == [
        (["_entities", 1], "Nothing is not an entity of this subgraph"),
        (["_entities", 3], "Barn.weight is not a valid Decimal"),
        (["_entities", 4], "Barn has no field colour here"),
    ]
    assert Barn.batches == [2]


async def test_more_entities_than_the_settings_allow_are_refused(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    subgraph.representations_max = 2
    representations = [{"__typename": "Barn", "id": str(BARN)}] * 3
    refused = await ask(subgraph, ENTITIES, tokens.bearer(BARN), r=representations)
    assert refused["data"] is None
    (error,) = refused["errors"]
    assert error["message"] == "At most 2 entities can be asked for at once."
    assert error["extensions"]["code"] == "TOO_MANY_REPRESENTATIONS"
    assert "errors" not in await ask(subgraph, ENTITIES, tokens.bearer(BARN), r=representations[:2])


@pytest.mark.parametrize("amount", ["1_000", "१००", " 100.00", "1e2", "1e9", "+1", "１", "NaN", "Infinity", 100, 1.5])
async def test_a_decimal_is_a_string_of_ascii_digits_as_variable_and_literal(
    subgraph: Subgraph, tokens: TokenIssuer, amount: object
) -> None:
    fill = "mutation ($amount: MoneyInput!) { fill(input: {amount: $amount}) { __typename } }"
    literal = f"mutation {{ fill(input: {{amount: {{amount: {json.dumps(amount)}}}}}) {{ __typename }} }}"
    for answer in (
        await ask(subgraph, fill, tokens.bearer(BARN), amount={"amount": amount}),
        await ask(subgraph, literal, tokens.bearer(BARN)),
    ):
        assert answer.get("data") is None
        assert 'Decimal takes a string of digits like "1234.56"' in answer["errors"][0]["message"]


async def test_a_decimal_out_of_range_is_no_amount(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    fill = """mutation ($amount: MoneyInput!) { fill(input: {amount: $amount}) {
      __typename ... on InvalidInput { field messageEnglish } } }"""
    answer = await ask(subgraph, fill, tokens.bearer(BARN), amount={"amount": "99999999999999999999999.99"})
    assert answer["data"]["fill"]["__typename"] == "InvalidInput"
    assert "is out of range" in answer["data"]["fill"]["messageEnglish"]


async def test_a_refusal_is_a_member_of_the_union(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    mutation = """mutation ($amount: MoneyInput!) { fill(input: {amount: $amount}) {
      __typename ... on Refusal { code message messageEnglish } ... on BarnFull { free { amount } wanted } } }"""
    answer = await ask(subgraph, mutation, tokens.bearer(BARN), amount={"amount": "123.45"})
    assert answer == {
        "data": {
            "fill": {
                "__typename": "BarnFull",
                "code": "BarnFull",
                "message": "Só cabem R$ 1,00.",
                "messageEnglish": "Only R$ 1.00 fit.",
                "free": {"amount": "1.00"},
                "wanted": 12345,
            }
        }
    }


async def test_a_root_field_that_fails_leaves_its_neighbours(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    answer = await ask(subgraph, "{ openDoor broken }", tokens.bearer(BARN))
    assert answer["data"] == {"openDoor": "open", "broken": None}
    mutation = 'mutation { a: fill(input: {amount: {amount: "1.00"}}) { __typename } b: burn { id } }'
    answer = await ask(subgraph, mutation, tokens.bearer(BARN))
    assert answer["data"] == {"a": {"__typename": "Barn"}, "b": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["b"], "INTERNAL_SERVER_ERROR")
    ]


async def test_what_came_a_way_on_which_nothing_changes_is_no_mutation(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    """Also where one document has both, and the mutation is meant."""
    both = "query Look { openDoor } mutation Burn { burn { id } }"
    for name, codes in (("Burn", ["MUTATION_NOT_ALLOWED"]), ("Look", [])):
        request = GraphQLRequest(both, operation_name=name, headers=tokens.bearer(BARN), changes_nothing=True)
        answer = await subgraph.execute(request)
        assert [error["extensions"]["code"] for error in answer.get("errors", [])] == codes


async def test_a_fault_is_masked(subgraph: Subgraph, tokens: TokenIssuer) -> None:
    answer = await ask(subgraph, "{ broken }", tokens.bearer(BARN))
    (error,) = answer["errors"]
    assert error["message"] == "Something went wrong here."
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["traceId"]


def test_a_root_field_of_which_nobody_said_who_may_call_it_stops_the_start() -> None:
    with pytest.raises(KeyError, match="closedDoor"):
        make_schema(query=Query, public_fields=["openDoor"])


@pytest.mark.parametrize(
    ("granted", "code"),
    [("signed_in", "FORBIDDEN"), ("farmer admin", "FORBIDDEN"), ("analyst", None), ("", "FORBIDDEN")],
)
async def test_a_root_field_is_opened_by_the_scopes_that_the_table_names(
    tokens: TokenIssuer, granted: str, code: str | None
) -> None:
    schema = make_schema(
        query=Query, public_fields=["openDoor"], root_scopes={"closedDoor": ("analyst", "investor"), "broken": ()}
    )
    database = Database("postgresql://nobody:nothing@127.0.0.1:1/none")
    subgraph = Subgraph("barns", schema, database, tokens.verifier, Reactions("barns"))
    answer = await ask(subgraph, "{ closedDoor { amount } }", tokens.bearer(BARN, scope=granted))
    assert [error["extensions"]["code"] for error in answer.get("errors", [])] == ([code] if code else [])
