"""`node` and `nodes`: whose an id is, asked of every domain that may know, with the asker's own token."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from graphql import GraphQLObjectType
from pydantic import SecretStr

from launch.databases import DOMAINS
from subgraphs.notifications.api.nodes import NODES_MAX
from subgraphs.notifications.api.types.owned import OWNED
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.main import create_subgraph
from subgraphs.notifications.ports.owners import OwnerUnavailable
from subgraphs.notifications.schemas import heard
from subgraphs.shared.endpoint import DEADLINE_HEADER
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.builders.serving import served
from tests.end_to_end.asking import schema_of
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer
from tests.subgraphs.notifications.conftest import MARINA, PEOPLE_SECRET, SERGIO, Inboxes

OFFERING, WALLET, POSITION = (UUID(int=number) for number in (101, 102, 103))
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
OTHERS = sorted(set(DOMAINS) - {"notifications"})


@dataclass
class Asked:
    """`Owners` who know what a test says, and note what they are asked."""

    things: dict[UUID, str] = field(default_factory=lambda: {OFFERING: "Offering", WALLET: "Wallet"})
    requests: list[tuple[str, GraphQLRequest]] = field(default_factory=list)
    answers: dict[str, Callable[[], dict[str, Any]]] = field(default_factory=dict)
    """By domain, what it answers whatever it is asked."""

    async def ask(self, domain: str, request: GraphQLRequest) -> dict[str, Any]:
        self.requests.append((domain, request))
        if domain in self.answers:
            return self.answers[domain]()
        return {"data": {"_entities": [self._entity(one) for one in (request.variables or {})["asked"]]}}

    def _entity(self, one: dict[str, str]) -> dict[str, str] | None:
        is_it = self.things.get(UUID(one["id"])) == one["__typename"]
        return {"__typename": one["__typename"]} if is_it else None

    @property
    def domains(self) -> list[str]:
        """Whom they were since this was last asked, in the alphabet's order."""
        domains = sorted(domain for domain, _ in self.requests)
        self.requests.clear()
        return domains


@pytest.fixture
def owners() -> Asked:
    return Asked()


@pytest_asyncio.fixture
async def subgraph(make_database: MakeDatabase, tokens: TokenIssuer, owners: Asked) -> AsyncIterator[Subgraph]:
    database = await make_database("notifications")
    settings = NotificationsSettings(
        sandboxes=True, database_url=SecretStr(database.url), people_secret=SecretStr(PEOPLE_SECRET)
    )
    made = create_subgraph(settings, verifier=tokens.verifier, people=KnownPeople({}), owners=owners)
    yield made
    await made.close()


@pytest.fixture
def ask(subgraph: Subgraph, tokens: TokenIssuer) -> Callable[..., Any]:
    async def ask(query: str, person: UUID = MARINA, **variables: Any) -> dict[str, Any]:
        headers = {**tokens.bearer(person), "x-correlation-id": "of-this-test"}
        return await subgraph.execute(GraphQLRequest(query, variables, headers=headers))

    return ask


async def test_every_domain_is_asked_once_of_all_ids_by_every_type_of_its_own(ask: Any, owners: Asked) -> None:
    ids = [str(WALLET), str(UUID(int=9)), str(OFFERING), str(WALLET).upper()]
    assert (await ask(NODES, ids=ids))["data"]["nodes"] == [
        {"__typename": "Wallet", "id": str(WALLET)},
        None,
        {"__typename": "Offering", "id": str(OFFERING)},
        {"__typename": "Wallet", "id": str(WALLET)},
    ]
    (of_market,) = [request for domain, request in owners.requests if domain == "marketplace"]
    assert of_market.variables == {
        "asked": [
            {"__typename": name, "id": str(one)}
            for one in (WALLET, UUID(int=9), OFFERING)
            for name in ("Offering", "Investment", "QuotaOffer", "QuotaPurchase")
        ]
    }
    assert owners.domains == OTHERS


async def test_the_fields_of_one_operation_ask_together_a_hundred_ids_at_once(ask: Any, owners: Asked) -> None:
    lists = [[str(UUID(int=first + place)) for place in range(70)] for first in (1_000, 2_000)]
    answer = await ask("query ($a: [ID!]!, $b: [ID!]!) { a: nodes(ids: $a) { id } b: nodes(ids: $b) { id } }",
                       a=lists[0], b=lists[1])  # fmt: skip
    assert answer == {"data": {"a": [None] * 70, "b": [None] * 70}}
    asked = [len((request.variables or {})["asked"]) for domain, request in owners.requests if domain == "accounts"]
    assert asked == [2 * 100, 2 * 40]


async def test_they_are_asked_as_who_asks(ask: Any, owners: Asked, tokens: TokenIssuer) -> None:
    await ask(NODE, SERGIO, id=str(OFFERING))
    asked_as = {tuple(sorted(request.headers.items())) for _, request in owners.requests}
    (headers,) = map(dict, asked_as)
    assert headers.pop("x-correlation-id") == "of-this-test"
    assert list(headers) == ["authorization"]
    assert (await tokens.verifier.verify_header(headers["authorization"])).user_id == SERGIO


async def test_whose_an_id_is_alone_is_asked_the_next_time_and_every_time(ask: Any, owners: Asked) -> None:
    await ask(NODE, id=str(OFFERING))
    assert owners.domains == OTHERS
    del owners.things[OFFERING]  # not for this asker to see any more
    assert (await ask(NODE, id=str(OFFERING)))["data"] == {"node": None}
    assert owners.domains == ["marketplace"]


async def test_what_is_no_id_of_ours_is_asked_of_nobody(ask: Any, owners: Asked) -> None:
    assert (await ask(NODE, id="an offering"))["data"] == {"node": None}
    assert (await ask(NODES, ids=[]))["data"] == {"nodes": []}
    assert owners.domains == []


async def test_a_notification_of_ones_own_is_found_here(inboxes: Inboxes, tokens: TokenIssuer) -> None:
    await inboxes.arrives(heard.DepositConfirmed(deposit_id=UUID(int=12), user_id=MARINA, amount_minor=1))
    of_marina = f'{{ _entities(representations: [{{__typename: "User", id: "{MARINA}"}}]) {{ ... on User {{ '
    answer = await inboxes.ask(f"{of_marina} notifications {{ nodes {{ id }} }} }} }} }}", MARINA)
    (told,) = answer["data"]["_entities"][0]["notifications"]["nodes"]
    services = inboxes.subgraph.services
    object.__setattr__(services, "owners", Asked({}))
    assert (await inboxes.ask(NODE, MARINA, **told))["data"] == {"node": {"__typename": "Notification", **told}}
    assert (await inboxes.ask(NODE, SERGIO, **told))["data"] == {"node": None}


async def test_a_token_that_opens_nothing_of_a_domain_finds_nothing_of_it(ask: Any, owners: Asked) -> None:
    forbidden = {"data": None, "errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]}
    owners.answers["wallet"] = lambda: forbidden
    assert await ask(NODES, ids=[str(WALLET), str(OFFERING)]) == {
        "data": {"nodes": [None, {"__typename": "Offering", "id": str(OFFERING)}]}
    }


def _away() -> dict[str, Any]:
    raise OwnerUnavailable("wallet cannot be asked")


FAILURES: dict[str, Callable[[], dict[str, Any]]] = {
    "does not answer": _away,
    "has no time": lambda: {"data": None, "errors": [{"message": "late", "extensions": {"code": "TIMEOUT"}}]},
    "answers nothing": lambda: {"data": None},
    "fails at one of its types": lambda: {
        "data": {"_entities": [None] * 2 * len(OWNED["wallet"])},
        "errors": [
            {"message": "broken", "path": ["_entities", place], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
            for place in (0, len(OWNED["wallet"]))
        ],
    },
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_while_a_domain_fails_what_another_has_is_found_and_the_rest_is_a_fault(
    failure: Callable[[], dict[str, Any]], ask: Any, owners: Asked
) -> None:
    owners.answers["wallet"] = failure
    answer = await ask(NODES, ids=[str(OFFERING), str(WALLET)])
    assert answer["data"] == {"nodes": [{"__typename": "Offering", "id": str(OFFERING)}, None]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["nodes", 1], "SERVICE_UNAVAILABLE")
    ]
    owners.answers["wallet"] = _away
    answer = await ask(NODE, id=str(WALLET))
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == ({"node": None}, "SERVICE_UNAVAILABLE")


async def test_a_hundred_ids_are_looked_for_and_no_more(ask: Any, owners: Asked) -> None:
    ids = [str(UUID(int=number)) for number in range(1, NODES_MAX + 2)]
    answer = await ask(NODES, ids=ids)
    assert (answer["data"], answer["errors"][0]["message"]) == ({"nodes": None}, "`ids` takes at most 100")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert owners.domains == []
    assert (await ask(NODES, ids=ids[:-1]))["data"]["nodes"] == [None] * 100


def test_each_domain_takes_so_many_at_once() -> None:
    most = NotificationsSettings.model_fields["representations_max"].default
    assert max(len(types) for types in OWNED.values()) * NODES_MAX <= most


@pytest.mark.parametrize("domain", DOMAINS)
def test_nodes_are_what_their_owners_say(domain: str) -> None:
    types = schema_of(domain)._schema.type_map.values()
    nodes = {
        type_.name
        for type_ in types
        if isinstance(type_, GraphQLObjectType) and "Node" in {each.name for each in type_.interfaces}
    }
    known = {type_.__name__ for types in OWNED.values() for type_ in types}
    assert nodes == (known if domain == "notifications" else {type_.__name__ for type_ in OWNED[domain]})


async def test_over_http_each_is_asked_at_the_address_set(tokens: TokenIssuer) -> None:
    seen: list[tuple[str, str, str]] = []
    bearer = tokens.bearer(MARINA)

    def make_app(base_url: str) -> FastAPI:
        del base_url
        app = FastAPI()

        @app.post("/{domain}")
        async def answer(domain: str, request: Request) -> Response:
            asked = (await request.json())["variables"]["asked"]
            seen.append((domain, request.headers["authorization"], request.headers[DEADLINE_HEADER]))
            if domain == "wallet":
                return Response("<html>", 502)
            return JSONResponse(
                {"data": {"_entities": [each if each["__typename"] == "Offering" else None for each in asked]}}
            )

        return app

    async with served(make_app) as base_url:
        settings = NotificationsSettings(
            sandboxes=True,
            database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none"),
            people_secret=SecretStr(PEOPLE_SECRET),
            subgraph_urls={domain: f"{base_url}/{domain}" for domain in OTHERS},
        )
        asking = create_subgraph(settings, verifier=tokens.verifier, people=KnownPeople({})).services.owners
        request = GraphQLRequest("{ a }", {"asked": [{"__typename": "Offering"}]}, headers=bearer)
        found = await asking.ask("marketplace", request)
        with pytest.raises(OwnerUnavailable, match="wallet cannot be asked: JSONDecodeError"):
            await asking.ask("wallet", request)
    with pytest.raises(OwnerUnavailable, match="marketplace cannot be asked: ClientConnectorError"):
        await asking.ask("marketplace", request)
    assert found == {"data": {"_entities": [{"__typename": "Offering"}]}}
    assert seen == [(domain, bearer["authorization"], "5000") for domain in ("marketplace", "wallet")]
