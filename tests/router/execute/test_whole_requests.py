"""Requests through every stage, over subgraphs in this process."""

import pytest

from tests.router.small_graph import SUPERGRAPH
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner


async def test_a_query_over_four_subgraphs(ask):
    response = await ask(
        """
        { me { name reviews { body product { title: name inStock shippingEstimate } } }
          topProducts(first: 1) { upc reviews { author { name email } } } }
        """
    )
    assert response == {
        "data": {
            "me": {
                "name": "Ada",
                "reviews": [
                    {"body": "good", "product": {"title": "Chair", "inStock": True, "shippingEstimate": 20}},
                    {"body": "fine", "product": {"title": "Table", "inStock": False, "shippingEstimate": 140}},
                ],
            },
            "topProducts": [
                {
                    "upc": "p1",
                    "reviews": [
                        {"author": {"name": "Ada", "email": "ada@example.org"}},
                        {"author": {"name": "Bob", "email": None}},
                    ],
                }
            ],
        }
    }


def raises(_request):
    raise RuntimeError("password=hunter2 in the text of a driver")


def answers(body):
    return lambda _request: body


def error(message, code, service, *path):
    extensions = {"code": code} if service is None else {"code": code, "service": service}
    return {"message": message, "path": list(path), "extensions": extensions}


NOT_COMPUTED = error(
    "This depends on data that could not be fetched.",
    "DEPENDENCY_FAILED",
    None,
    "review",
    "product",
    "shippingEstimate",
)


async def test_a_root_field_that_fails_leaves_the_others(ask, graph):
    graph.users.fault = raises
    assert await ask("{ me { name } topProducts { upc } }") == {
        "data": {"me": None, "topProducts": [{"upc": "p1"}, {"upc": "p2"}]},
        "errors": [error("The subgraph 'users' could not answer.", "SUBREQUEST_FAILED", "users", "me")],
    }


async def test_a_failed_call_for_entities_is_told_at_each_field_it_should_bring(ask, graph):
    graph.reviews.fault = raises
    message = "The subgraph 'reviews' could not answer."
    assert await ask("{ topProducts { upc said: reviews { body } } }") == {
        "data": {"topProducts": [{"upc": "p1", "said": None}, {"upc": "p2", "said": None}]},
        "errors": [
            error(message, "SUBREQUEST_FAILED", "reviews", "topProducts", 0, "said"),
            error(message, "SUBREQUEST_FAILED", "reviews", "topProducts", 1, "said"),
        ],
    }


async def test_a_failure_in_a_non_null_field_takes_its_parent_away_and_is_told_once(ask, graph):
    graph.users.fault = raises
    message = "The subgraph 'users' could not answer."
    assert await ask('{ product(upc: "p1") { upc maker { id name email } } }') == {
        "data": {"product": {"upc": "p1", "maker": None}},
        "errors": [error(message, "SUBREQUEST_FAILED", "users", "product", "maker", "name")],
    }


@pytest.mark.parametrize("path", [None, ["nothing"], ["nothing", 0, "name"]])
async def test_the_one_error_of_an_answer_without_data_is_told_once(ask, graph, path):
    graph.users.fault = answers({"data": None, "errors": [{"message": "no users today", "path": path}]})
    assert await ask("{ me { name } }") == {
        "data": {"me": None},
        "errors": [error("no users today", "SUBGRAPH_ERROR", "users", "me")],
    }


@pytest.mark.parametrize("path", [None, ["nothing"], ["_entities"], ["_entities", 7], ["_entities", 7, "name"]])
async def test_so_is_that_of_a_call_for_entities(ask, graph, path):
    graph.users.fault = answers({"data": None, "errors": [{"message": "no users today", "path": path}]})
    assert await ask('{ product(upc: "p1") { maker { name } } }') == {
        "data": {"product": {"maker": None}},
        "errors": [error("no users today", "SUBGRAPH_ERROR", "users", "product", "maker", "name")],
    }


async def test_a_failed_source_of_a_requirement_is_never_a_silent_null(ask, graph):
    graph.products.fault = raises
    assert await ask('{ review(id: "r1") { body product { shippingEstimate } } }') == {
        "data": {"review": {"body": "good", "product": {"shippingEstimate": None}}},
        "errors": [
            error("The subgraph 'products' could not answer.", "SUBREQUEST_FAILED", "products", "review", "product"),
            NOT_COMPUTED,
        ],
    }
    assert graph.inventory.requests == []


async def test_a_required_field_that_failed_alone_is_not_computed_with(ask, graph):
    graph.products.fault = answers(
        {
            "data": {"_entities": [{"price": None, "weight": 10}]},
            "errors": [{"message": "no price today", "path": ["_entities", 0, "price"]}],
        }
    )
    response = await ask('{ review(id: "r1") { product { shippingEstimate } } }')
    assert response == {
        "data": {"review": {"product": {"shippingEstimate": None}}},
        # The client never selected the price: the error stands at the object that has none.
        "errors": [
            error("no price today", "SUBGRAPH_ERROR", "products", "review", "product"),
            NOT_COMPUTED,
        ],
    }
    assert graph.inventory.requests == []


async def test_a_required_null_without_an_error_is_a_value(ask, graph):
    graph.products.fault = answers({"data": {"_entities": [{"price": None, "weight": 10}]}})
    graph.inventory.fault = answers({"data": {"_entities": [{"shippingEstimate": 7}]}})
    response = await ask('{ review(id: "r1") { product { shippingEstimate } } }')
    assert response == {"data": {"review": {"product": {"shippingEstimate": 7}}}}
    assert graph.inventory.requests[0].variables["representations"][0]["price"] is None


async def test_an_error_of_one_entity_is_told_at_every_place_where_it_stands(ask, graph):
    graph.users.fault = answers(
        {
            "data": {"_entities": [{"email": None}, {"email": "b@example.org"}]},
            "errors": [
                {
                    "message": "hidden",
                    "path": ["_entities", 0, "email"],
                    "locations": [{"line": 1, "column": 2}],
                    "extensions": {"code": "FORBIDDEN", "stacktrace": ["at secret.py"], "traceId": "t1"},
                }
            ],
        }
    )
    response = await ask("{ topProducts { reviews { author { email } } } }")
    assert [e["path"] for e in response["errors"]] == [
        ["topProducts", 0, "reviews", 0, "author", "email"],
        ["topProducts", 1, "reviews", 0, "author", "email"],
    ]
    assert response["errors"][0]["message"] == "hidden"
    assert response["errors"][0]["extensions"] == {"code": "FORBIDDEN", "service": "users", "traceId": "t1"}
    assert "locations" not in response["errors"][0]
    assert response["data"]["topProducts"][0]["reviews"] == [
        {"author": {"email": None}},
        {"author": {"email": "b@example.org"}},
    ]


async def test_an_entity_that_does_not_exist_over_there_is_null_without_an_error(ask, graph):
    graph.users.entities["User"] = lambda _key: None
    assert await ask("{ topProducts { maker { id email } } }") == {
        "data": {"topProducts": [{"maker": {"id": "u1", "email": None}}, {"maker": {"id": "u2", "email": None}}]}
    }


async def test_a_missing_non_null_field_without_an_error_gets_one(ask, graph):
    graph.users.entities["User"] = lambda _key: None
    response = await ask('{ product(upc: "p1") { maker { id name } } }')
    assert response == {
        "data": {"product": {"maker": None}},
        "errors": [
            {
                "message": "Cannot return null for non-nullable field User.name.",
                "path": ["product", "maker", "name"],
                "extensions": {"code": "UNEXPECTED_NULL"},
            }
        ],
    }


NONSENSE = [
    None,
    [],
    "text",
    {},
    {"data": 1},
    {"data": []},
    {"data": {}, "errors": {}},
    {"data": None},
    {"data": None, "errors": []},
    {"data": {"_entities": None}},
    {"data": {"_entities": {}}},
    {"data": {"_entities": []}},
    {"data": {"_entities": [{"email": "x"}]}},
    {"data": {"_entities": [{"email": "x"}, {"email": "x"}, {"email": "x"}]}},
    {"data": {"_entities": [{"email": "x"}, 7]}},
    {"data": {"_entities": {"0": {"email": "x"}, "1": {"email": "x"}}}},
]


@pytest.mark.parametrize("body", NONSENSE)
async def test_an_answer_of_another_shape_fails_that_fetch_alone(ask, graph, body):
    graph.users.fault = answers(body)
    message = "The subgraph 'users' gave an answer that is not a GraphQL response."
    assert await ask("{ topProducts { maker { id email } reviews { id } } }") == {
        "data": {
            "topProducts": [
                {"maker": {"id": "u1", "email": None}, "reviews": [{"id": "r1"}, {"id": "r2"}]},
                {"maker": {"id": "u2", "email": None}, "reviews": [{"id": "r3"}]},
            ]
        },
        "errors": [
            error(message, "SUBREQUEST_INVALID_RESPONSE", "users", "topProducts", index, "maker", "email")
            for index in (0, 1)
        ],
    }


@pytest.mark.parametrize(
    ("errors", "message", "code"),
    [
        ([{"message": "sign in", "extensions": {"code": "UNAUTHENTICATED"}}], "sign in", "UNAUTHENTICATED"),
        ([{"message": "sign in"}], "sign in", "SUBGRAPH_ERROR"),
        ([{}], "The subgraph reported an error without a message.", "SUBGRAPH_ERROR"),
        ([3], "The subgraph reported an error that is not an object.", "SUBGRAPH_ERROR"),
        ([{"message": "m", "path": "me", "extensions": []}], "m", "SUBGRAPH_ERROR"),
    ],
)
async def test_a_refused_fetch_says_why_at_the_fields_it_should_bring(ask, graph, errors, message, code):
    graph.users.fault = answers({"data": None, "errors": errors})
    assert await ask("{ me { name } }") == {"data": {"me": None}, "errors": [error(message, code, "users", "me")]}


async def test_a_subgraph_error_without_a_place_is_kept_beside_its_data(ask, graph):
    graph.users.fault = answers({"data": {"me": {"name": "Ada"}}, "errors": [{"message": "slow today"}]})
    assert await ask("{ me { name } }") == {
        "data": {"me": {"name": "Ada"}},
        "errors": [{"message": "slow today", "extensions": {"code": "SUBGRAPH_ERROR", "service": "users"}}],
    }


@pytest.mark.parametrize("name", [[], {}, 7, True, "Nobody"])
async def test_a_type_name_may_be_anything(ask, graph, name):
    product = {"__typename": name, "upc": "p1", "maker": {"__typename": name, "id": "u1"}}
    graph.products.fault = answers({"data": {"topProducts": [product]}})
    response = await ask("{ topProducts { upc maker { id email } } }")
    assert response["data"]["topProducts"][0]["upc"] == "p1"


async def test_mutations_run_one_after_another_and_go_on_after_a_failure(ask, graph):
    response = await ask(
        'mutation { a: rename(id: "u1", name: "X") { name } b: rename(id: "u9", name: "X") { name }'
        ' c: rename(id: "u1", name: "Y") { name reviews { body } } }'
    )
    assert response == {
        "data": {"a": {"name": "X"}, "b": None, "c": {"name": "Y", "reviews": [{"body": "good"}, {"body": "fine"}]}},
        "errors": [error("No such user.", "NOT_FOUND", "users", "b")],
    }


async def test_a_hidden_enum_value_is_null_with_an_error(ask):
    assert await ask("{ topProducts { kind } }") == {
        "data": {"topProducts": [{"kind": "SOLID"}, {"kind": None}]},
        "errors": [
            error(
                "Product.kind: The value is not one of the enum Kind.",
                "INVALID_ENUM_VALUE",
                None,
                "topProducts",
                1,
                "kind",
            )
        ],
    }


async def test_variables_reach_the_subgraph_as_the_client_sent_them(ask, graph):
    query = "query ($filter: Filter, $first: Int = 1) { search(filter: $filter) topProducts(first: $first) { upc } }"
    response = await ask(query, filter={"word": "a", "inner": {"word": "b"}}, ignored=1)
    assert response["data"]["topProducts"] == [{"upc": "p1"}]
    sent = {}
    for request in graph.products.requests:
        sent |= request.variables
    assert sent == {"filter": {"word": "a", "inner": {"word": "b"}}, "first": 1}


async def test_an_optional_variable_that_was_not_sent_stays_unsent(ask, graph):
    await ask("query ($first: Int) { topProducts(first: $first) { upc } }")
    assert graph.products.requests[0].variables == {}


async def test_all_root_fields_skipped_is_an_empty_object_and_asks_nobody(ask, graph):
    assert await ask("query ($no: Boolean = false) { me @include(if: $no) { name } users @skip(if: true) { id } }") == {
        "data": {}
    }
    assert [subgraph.requests for subgraph in graph.subgraphs] == [[], [], [], []]


async def test_conditions_decide_what_is_fetched(ask, graph):
    query = "query ($full: Boolean!) { topProducts(first: 1) { upc reviews @include(if: $full) { body } } }"
    assert await ask(query, full=False) == {"data": {"topProducts": [{"upc": "p1"}]}}
    assert graph.reviews.requests == []
    response = await ask(query, full=True)
    assert response == {"data": {"topProducts": [{"upc": "p1", "reviews": [{"body": "good"}, {"body": "bad"}]}]}}


async def test_introspection_is_answered_beside_data_and_asks_nobody_itself(ask, graph):
    response = await ask(
        '{ before: __typename ...S me { name } } fragment S on Query { __type(name: "Kind") { enumValues { name } } }'
    )
    assert list(response["data"]) == ["before", "__type", "me"]
    assert response["data"] == {
        "before": "Query",
        "__type": {"enumValues": [{"name": "SOLID"}, {"name": "LIQUID"}]},
        "me": {"name": "Ada"},
    }
    assert [request.document for request in graph.users.requests] == ["{ me { name } }"]


async def test_more_errors_than_the_bound_are_counted(graph):
    clients = {subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph) for subgraph in graph.subgraphs}
    settings = Settings(limits=Limits(errors_max=1))
    router = Router(settings, supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)
    graph.reviews.fault = raises
    result = await router.execute(GraphQLRequest("{ topProducts { reviews { body } } }"))
    assert [e["extensions"]["code"] for e in result.errors] == ["SUBREQUEST_FAILED", "TOO_MANY_ERRORS"]
    assert result.errors[1]["message"] == "1 more errors were left out."
    await router.stop()


async def test_too_many_entities_are_not_asked_for(graph):
    clients = {subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph) for subgraph in graph.subgraphs}
    settings = Settings(limits=Limits(representations_max=1))
    router = Router(settings, supergraph_text=SUPERGRAPH, clients=clients, make_planner=plan_with_planner)
    result = await router.execute(GraphQLRequest("{ topProducts { reviews { body } } }"))
    assert {e["extensions"]["code"] for e in result.errors} == {"TOO_MANY_ENTITIES"}
    assert result.data == {"topProducts": [{"reviews": None}, {"reviews": None}]}
    assert graph.reviews.requests == []
    await router.stop()
