"""What the rules of possible types mean where a field returns an interface or a union."""

import pytest
from graphql import build_schema, graphql

from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner

MEDIA = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
{ query: Query }
scalar join__FieldSet
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { SHOP @join__graph(name: "shop", url: "http://shop.invalid") }
type Query @join__type(graph: SHOP) { media: [Media] found: [Found] }
interface Media @join__type(graph: SHOP) { id: ID! title: String }
type Book implements Media @join__type(graph: SHOP) @join__implements(graph: SHOP, interface: "Media")
{ id: ID! title: String }
type Film implements Media @join__type(graph: SHOP) @join__implements(graph: SHOP, interface: "Media")
{ id: ID! title: String @authenticated }
type Vault @join__type(graph: SHOP) @authenticated { code: Int }
union Found @join__type(graph: SHOP)
  @join__unionMember(graph: SHOP, member: "Book") @join__unionMember(graph: SHOP, member: "Vault") = Book | Vault
"""
SHOP = build_schema(
    """
    type Query { media: [Media] found: [Found] }
    interface Media { id: ID! title: String }
    type Book implements Media { id: ID! title: String }
    type Film implements Media { id: ID! title: String }
    type Vault { code: Int }
    union Found = Book | Vault
    """
)
BOOK = {"__typename": "Book", "id": "b", "title": "Sertões"}
FILM = {"__typename": "Film", "id": "f", "title": "Limite"}
THINGS = {"media": [BOOK, FILM], "found": [BOOK, {"__typename": "Vault", "code": 7}]}


@pytest.mark.parametrize(
    ("query", "data", "errors", "asked"),
    [
        # What may be of a type that is not for everybody is for nobody else either, unless the type is said.
        (
            "{ media { id title } }",
            {"media": [{"id": "b", "title": None}, {"id": "f", "title": None}]},
            [["media", 0, "title"], ["media", 1, "title"]],
            "{ media { __typename id } }",
        ),
        (
            "{ media { id ... on Book { title } ... on Film { title } } }",
            {"media": [{"id": "b", "title": "Sertões"}, {"id": "f", "title": None}]},
            [["media", 1, "title"]],
            "{ media { __typename id ... on Book { title } } }",
        ),
        # Null stands where the whole operation has it, though what is left does not depend on the type.
        (
            "{ media { id ... on Film { title } } }",
            {"media": [{"id": "b"}, {"id": "f", "title": None}]},
            [["media", 1, "title"]],
            "{ media { __typename id } }",
        ),
        # One response key, selected in a way that is allowed and in one that is not.
        (
            "{ media { title ... on Book { title } } }",
            {"media": [{"title": "Sertões"}, {"title": None}]},
            [["media", 1, "title"]],
            "{ media { __typename ... on Book { title } } }",
        ),
        (
            "{ found { __typename ... on Book { id } ... on Vault { code } } }",
            {"found": [{"__typename": "Book", "id": "b"}, {"__typename": "Vault", "code": None}]},
            [["found", 1, "code"]],
            "{ found { __typename ... on Book { id } } }",
        ),
        ("{ found { ... on Vault { code } } }", {"found": None}, [["found"]], None),
    ],
)
async def test_abstract_types(query, data, errors, asked):
    requests = []

    async def shop(request):
        requests.append(request.document)
        return (await graphql(SHOP, request.document, THINGS)).formatted

    clients = {"shop": InProcessSubgraphClient("shop", shop, None)}
    router = Router(Settings(), supergraph_text=MEDIA, clients=clients, make_planner=plan_with_planner)
    for _ in range(4):
        body = (await router.execute(GraphQLRequest(query))).body
        assert body["data"] == data
        assert [error["path"] for error in body["errors"]] == errors
    assert requests == ([] if asked is None else [asked] * 4)
    await router.stop()
