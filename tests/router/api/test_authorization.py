"""Who is answered with what where the supergraph has rules, by real tokens over real HTTP."""

import asyncio

import pytest
import structlog
from graphql import build_schema, graphql

from tests.router.api.http_client import GRAPHQL, JSON, code_of, post, serving
from tests.router.api.streams import a_review, listening
from tests.router.api.test_tokens_over_http import publish
from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.small_graph import END, SUPERGRAPH, SmallGraph
from trevo.api.read_request import GraphQLRequest
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.core.authorization_settings import AuthorizationSettings
from trevo.core.limits import Limits
from trevo.core.rates import Rates
from trevo.core.settings import Settings
from trevo.main import plan_with_planner
from trevo.router import Router

GUARDED = (
    SUPERGRAPH.replace(
        '  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)\n',
        '  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)\n'
        '  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)\n'
        '  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)\n'
        '  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)\n',
    )
    .replace("  email: String", "  email: String @authenticated")
    .replace("  weight: Int", '  weight: Int @requiresScopes(scopes: [["stock", "read"], ["admin"]])')
    .replace("  body: String", '  body: String @policy(policies: [["reader"]])')
    .replace("  reviewNeeded: Review!", "  reviewNeeded: Review! @authenticated")
    .replace("rename(id: ID!, name: String!): User", "rename(id: ID!, name: String!): User @authenticated")
    .replace("  upc: ID!\n  name: String @", "  upc: ID! @authenticated\n  name: String @")
)


def settings(**options):
    given = {"issuer": ISSUER, "audience": AUDIENCE, "rates": Rates(enabled=False)} | options
    return Settings(**given)


def guarded(graph, made=None, **options):
    return serving(made or settings(), graph, supergraph_text=GUARDED, key_source=publish, **options)


def bearer(**claims):
    return {"authorization": f"Bearer {token(**claims)}"}


def unauthorized(path, message):
    return {"message": message, "path": path, "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"}}


def asked_of(subgraph):
    return [request.document for request in subgraph.requests]


async def test_what_may_not_be_asked_is_null_with_an_error_and_nobody_is_asked_for_it():
    graph = SmallGraph()
    async with guarded(graph) as http:
        status, _, body = await post(http, {"query": "{ me { id email } }"}, accept=GRAPHQL)
    assert status == 200
    assert body == {
        "errors": [unauthorized(["me", "email"], "You may not read User.email.")],
        "data": {"me": {"id": "u1", "email": None}},
    }
    assert asked_of(graph.users) == ["{ me { id } }"]


async def test_with_a_token_all_is_as_without_rules():
    graph = SmallGraph()
    async with guarded(graph) as http:
        _, _, body = await post(http, {"query": "{ me { id email } }"}, **bearer())
    assert body == {"data": {"me": {"id": "u1", "email": "ada@example.org"}}}
    assert asked_of(graph.users) == ["{ me { id email } }"]


async def test_each_place_in_a_list_has_its_error():
    async with guarded(SmallGraph()) as http:
        _, _, body = await post(http, {"query": "{ users { id mail: email } }"})
    assert body == {
        "errors": [
            unauthorized(["users", 0, "mail"], "You may not read User.email."),
            unauthorized(["users", 1, "mail"], "You may not read User.email."),
        ],
        "data": {"users": [{"id": "u1", "mail": None}, {"id": "u2", "mail": None}]},
    }


async def test_where_nothing_is_left_no_subgraph_is_asked():
    graph = SmallGraph()
    async with guarded(graph) as http:
        _, _, body = await post(http, {"query": "{ me { email } user(id: 1) { mail: email } }"})
    assert body == {
        "errors": [
            unauthorized(["me"], "You may not read Query.me, or nothing of what was asked of it."),
            unauthorized(["user"], "You may not read Query.user, or nothing of what was asked of it."),
        ],
        "data": {"me": None, "user": None},
    }
    assert [subgraph.requests for subgraph in graph.subgraphs] == [[], [], [], []]


async def test_null_goes_up_from_where_it_must_not_stand():
    graph = SmallGraph()
    async with guarded(graph) as http:
        _, _, body = await post(http, {"query": "{ topProducts(first: 1) { name upc } }"})
        assert body == {
            "errors": [unauthorized(["topProducts", 0, "upc"], "You may not read Product.upc.")],
            "data": {"topProducts": [None]},
        }


async def test_a_key_leads_from_subgraph_to_subgraph_though_it_may_not_be_read():
    graph = SmallGraph()
    async with guarded(graph) as http:
        _, _, body = await post(http, {"query": "{ topProducts(first: 1) { name inStock } }"})
        assert body == {"data": {"topProducts": [{"name": "Chair", "inStock": True}]}}
        assert asked_of(graph.products) == ["{ topProducts(first: 1) { name upc } }"]
        # It is in the data that were fetched, and is not read from there.
        _, _, body = await post(http, {"query": "{ topProducts(first: 1) { inStock upc } }"})
        assert body["data"] == {"topProducts": [None]}


async def test_what_is_computed_of_a_field_needs_what_the_field_needs():
    graph = SmallGraph()
    query = {"query": "{ topProducts(first: 1) { name shippingEstimate } }"}
    async with guarded(graph) as http:
        _, _, body = await post(http, query, **bearer(scope="read"))
        assert body == {
            "errors": [
                unauthorized(["topProducts", 0, "shippingEstimate"], "You may not read Product.shippingEstimate.")
            ],
            "data": {"topProducts": [{"name": "Chair", "shippingEstimate": None}]},
        }
        assert graph.inventory.requests == []
        assert "weight" not in "".join(asked_of(graph.products))
        for scope in ("read stock", "admin"):
            _, _, body = await post(http, query, **bearer(scope=scope))
            assert body == {"data": {"topProducts": [{"name": "Chair", "shippingEstimate": 20}]}}


async def test_scopes_come_from_the_claim_that_is_named():
    made = settings(authorization=AuthorizationSettings(scope_claim="roles"))
    query = {"query": "{ topProducts(first: 1) { weight } }"}
    async with guarded(SmallGraph(), made) as http:
        _, _, body = await post(http, query, **bearer(scope="admin"))
        assert code_of(body) == "UNAUTHORIZED_FIELD_OR_TYPE"
        for roles in (["admin"], "clerk admin"):
            _, _, body = await post(http, query, **bearer(roles=roles))
            assert body == {"data": {"topProducts": [{"weight": 10}]}}


async def test_without_keys_nobody_is_known():
    with structlog.testing.capture_logs() as logs:
        async with serving(settings(), SmallGraph(), supergraph_text=GUARDED, policies={"reader": is_ada}) as http:
            _, _, body = await post(http, {"query": "{ me { id email } }"}, **bearer())
    assert code_of(body) == "UNAUTHORIZED_FIELD_OR_TYPE"
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == [
        "the supergraph has rules about who may ask, but tokens are not verified: all are anonymous"
    ]


# --- policies ---


async def is_ada(request):
    return request.identity is not None and request.identity.claims["sub"] == "u1"


async def test_a_policy_is_asked_once_for_each_request_that_it_matters_to():
    asked = []

    async def reader(request):
        asked.append(
            (request.identity.subject, request.headers["x-wish"], request.operation_name, request.operation_kind)
        )
        return request.headers["x-wish"] == "please"

    async with guarded(SmallGraph(), policies={"reader": reader}) as http:
        query = {"query": 'query Words { review(id: "r1") { id body } again: review(id: "r1") { id text: body } }'}
        _, _, body = await post(http, query, **bearer(), **{"x-wish": "please"})
        assert body == {"data": {"review": {"id": "r1", "body": "good"}, "again": {"id": "r1", "text": "good"}}}
        _, _, body = await post(http, query, **bearer(), **{"x-wish": "now"})
        assert body["data"] == {"review": {"id": "r1", "body": None}, "again": {"id": "r1", "text": None}}
        await post(http, {"query": "{ me { id email } }"}, **bearer())
    assert asked == [("u1", "please", "Words", "query"), ("u1", "now", "Words", "query")]


def raises(_request):
    raise RuntimeError("out of order")


async def never(_request):
    await asyncio.Event().wait()


async def waits_for_what_was_cancelled(_request):
    other = asyncio.get_running_loop().create_future()
    other.cancel()
    await other


@pytest.mark.parametrize(
    ("policies", "event"),
    [
        ({"reader": raises}, "policy failed"),
        ({"reader": never}, "policy failed"),
        ({"reader": waits_for_what_was_cancelled}, "policy failed: what it waited for was cancelled"),
        ({"reader": lambda _request: "yes"}, None),
        ({"reader": lambda _request: False}, None),
        ({}, "the supergraph names policies that nobody answers for: they say no"),
    ],
)
async def test_a_policy_that_does_not_say_yes_says_no(policies, event):
    made = settings(authorization=AuthorizationSettings(policy_seconds_max=0.05))
    with structlog.testing.capture_logs() as logs:
        async with guarded(SmallGraph(), made, policies=policies) as http:
            _, _, body = await post(http, {"query": '{ review(id: "r1") { id body } }'})
    assert body["data"] == {"review": {"id": "r1", "body": None}}
    told = [line["event"] for line in logs if line["log_level"] in {"warning", "error"}]
    assert told == ([event] if event else [])


async def test_a_plain_function_may_be_a_policy_and_the_deadline_is_a_bound_too():
    made = settings(authorization=AuthorizationSettings(policy_seconds_max=600))
    async with guarded(SmallGraph(), made, policies={"reader": lambda request: request.address is not None}) as http:
        _, _, body = await post(http, {"query": '{ review(id: "r1") { body } }'})
        assert body == {"data": {"review": {"body": "good"}}}
    async with guarded(SmallGraph(), made, policies={"reader": never}) as http:
        _, _, body = await post(http, {"query": '{ review(id: "r1") { body } }'}, **{"x-request-deadline-ms": "50"})
        assert code_of(body) == "UNAUTHORIZED_FIELD_OR_TYPE"


POLICIES = {"reader": is_ada}
NO_POLICIES = {"reader": "yes"}


async def test_policies_may_be_named_in_the_settings():
    named = settings(authorization=AuthorizationSettings(policies=f"{__name__}:POLICIES"))
    query = {"query": '{ review(id: "r1") { body } }'}
    async with guarded(SmallGraph(), named) as http:
        assert (await post(http, query, **bearer()))[2] == {"data": {"review": {"body": "good"}}}
        assert code_of((await post(http, query))[2]) == "UNAUTHORIZED_FIELD_OR_TYPE"
    # What the program itself gives goes first.
    async with guarded(SmallGraph(), named, policies={"reader": lambda _: True}) as http:
        assert (await post(http, query))[2] == {"data": {"review": {"body": "good"}}}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no_such_module_at_all:POLICIES", "cannot be loaded: No module named 'no_such_module_at_all'"),
        (f"{__name__}:MISSING", f"cannot be loaded: module '{__name__}' has no attribute 'MISSING'"),
        (f"{__name__}:NO_POLICIES", "are not a mapping of names to callables."),
        (f"{__name__}:GUARDED", "are not a mapping of names to callables."),
    ],
)
async def test_policies_that_cannot_be_had_end_the_start(name, reason):
    made = settings(authorization=AuthorizationSettings(policies=name))
    with pytest.raises(ValueError, match="The policies") as failure:
        async with guarded(SmallGraph(), made):
            pass
    assert str(failure.value) == f"The policies {name} {reason}"


# --- all or nothing ---

REJECT = AuthorizationSettings(mode="reject")


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 403), (JSON, 200)])
async def test_where_all_or_nothing_is_answered_nobody_is_asked_for_less(accept, status):
    graph = SmallGraph()
    async with guarded(graph, settings(authorization=REJECT)) as http:
        query = {"query": "{ me { id email } users { email } topProducts { name weight } }"}
        got, _, body = await post(http, query, accept=accept)
        assert got == status
        assert body == {
            "errors": [
                {"message": f"You may not read {each}.", "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"}}
                for each in ("Product.weight", "User.email")
            ]
        }
        assert [subgraph.requests for subgraph in graph.subgraphs] == [[], [], [], []]
        got, _, body = await post(http, query, accept=accept, **bearer(scope="admin"))
        assert (got, body["data"]["me"]) == (200, {"id": "u1", "email": "ada@example.org"})


async def test_what_a_condition_leaves_out_is_not_asked_for():
    async with guarded(SmallGraph(), settings(authorization=REJECT)) as http:
        query = "query ($mail: Boolean!) { me { id email @include(if: $mail) } }"
        status, _, body = await post(http, {"query": query, "variables": {"mail": False}}, accept=GRAPHQL)
        assert (status, body) == (200, {"data": {"me": {"id": "u1"}}})
        status, _, _ = await post(http, {"query": query, "variables": {"mail": True}}, accept=GRAPHQL)
        assert status == 403


# --- other kinds of operations, and what is counted ---


async def test_a_mutation_that_may_not_be_asked_for_does_not_run():
    graph = SmallGraph()
    async with guarded(graph) as http:
        query = {"query": 'mutation { rename(id: "u1", name: "Eve") { name } }'}
        _, _, body = await post(http, query)
        assert body["data"] == {"rename": None}
        assert graph.users.requests == []
        _, _, body = await post(http, query, **bearer())
        assert body == {"data": {"rename": {"name": "Eve"}}}


async def test_a_subscription_lacks_in_every_event_what_its_listener_may_not_read():
    graph = SmallGraph()
    async with (
        guarded(graph, policies={"reader": is_ada}) as http,
        listening(http, "subscription { reviewAdded { id body } }") as events,
    ):
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1), END)
        (_, first), _ = await events.rest()
    assert first == {
        "errors": [unauthorized(["reviewAdded", "body"], "You may not read Review.body.")],
        "data": {"reviewAdded": {"id": "new1", "body": None}},
    }
    assert "body" not in asked_of(graph.reviews)[0]


async def test_a_subscription_of_which_nothing_is_left_is_refused():
    graph = SmallGraph()
    async with guarded(graph) as http, listening(http, "subscription { reviewNeeded { id } }") as events:
        assert await events.rest() == [
            (
                "next",
                {
                    "errors": [
                        {
                            "message": "You may not read Subscription.reviewNeeded.",
                            "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"},
                        }
                    ]
                },
            ),
            ("complete", None),
        ]
    assert graph.reviews.requests == []


async def test_introspection_is_for_everybody():
    async with guarded(SmallGraph()) as http:
        query = {"query": '{ __type(name: "User") { fields { name } } __typename me { __typename email } }'}
        _, _, body = await post(http, query)
    assert body["data"] == {
        "__type": {"fields": [{"name": name} for name in ("id", "name", "email", "reviews")]},
        "__typename": "Query",
        "me": {"__typename": "User", "email": None},
    }


async def test_an_operation_costs_what_it_says_whoever_asks():
    made = settings(limits=Limits(cost_max=10), authorization=AuthorizationSettings())
    async with guarded(SmallGraph(), made) as http:
        _, _, body = await post(http, {"query": "{ users { id } mine: users { email } }"})
    assert code_of(body) == "COST_ESTIMATED_TOO_EXPENSIVE"


async def test_fields_without_permission_are_counted_and_logged():
    with structlog.testing.capture_logs() as logs:
        async with guarded(SmallGraph()) as http:
            await post(http, {"query": "query Mine { me { id email } users { email } topProducts { name weight } }"})
            metrics = http.router.metrics.text().decode()
    assert 'router_unauthorized_fields_total{mode="filter"} 2.0' in metrics
    (line,) = [line for line in logs if line["event"] == "fields without permission"]
    assert (line["operation"], line["fields"]) == ("Mine", ["Product.weight", "User.email"])


async def test_people_with_the_same_outcome_share_a_plan_and_no_others_do():
    graph = SmallGraph()
    query = {"query": "{ topProducts(first: 1) { name weight maker { id email } } }"}
    async with guarded(graph) as http:
        first = [
            (await post(http, query, **headers))[2]["data"]["topProducts"][0]
            for headers in ({}, bearer(scope="admin"), bearer(scope="x"), {}, bearer(sub="u7", scope="read stock"))
        ]
        metrics = http.router.metrics.text().decode()
    maker = {"id": "u1", "email": None}
    signed_in = {"id": "u1", "email": "ada@example.org"}
    assert first == [
        {"name": "Chair", "weight": None, "maker": maker},
        {"name": "Chair", "weight": 10, "maker": signed_in},
        {"name": "Chair", "weight": None, "maker": signed_in},
        {"name": "Chair", "weight": None, "maker": maker},
        {"name": "Chair", "weight": 10, "maker": signed_in},
    ]
    assert 'router_operation_cache_total{result="miss",stage="plan"} 3.0' in metrics
    assert 'router_operation_cache_total{result="hit",stage="plan"} 2.0' in metrics


# --- abstract types ---

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
