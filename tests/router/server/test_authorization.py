"""Who is answered with what where the supergraph has rules, by real tokens over real HTTP."""

import pytest
import structlog

from tests.router.server.guarded import GUARDED, asked_of, bearer, guarded, is_ada, settings, unauthorized
from tests.router.server.http_client import GRAPHQL, JSON, code_of, post, serving
from tests.router.server.streams import a_review, listening
from tests.router.small_graph import END, SmallGraph
from trevo.config.authorization_settings import AuthorizationSettings
from trevo.config.limits import Limits


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
