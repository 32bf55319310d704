"""Rules for headers: what a subgraph gets of what came, and what no rule may touch."""

import json

import pytest
from pydantic import ValidationError

from tests.router.small_graph import SUPERGRAPH, SmallGraph, http_app, served
from trevo.config.header_rules import HeaderRule, HeaderRules, SubgraphHeaders
from trevo.config.settings import Settings
from trevo.main import create_app

CAME = {"x-tenant": "t1", "authorization": "Bearer c", "cookie": "c=1"}
PASSED_ON = {"authorization": "Bearer c", "traceparent": "00-1"}


def sent(*rules, to="reviews", **subgraphs):
    return dict(SubgraphHeaders(dict(PASSED_ON), CAME, HeaderRules(all=rules, subgraphs=subgraphs)).of(to))


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ({"propagate": "X-Tenant"}, {"x-tenant": "t1"}),
        ({"propagate": "x-tenant", "rename": "x-company"}, {"x-company": "t1"}),
        ({"propagate": "x-tenant", "default": "none"}, {"x-tenant": "t1"}),
        ({"propagate": "x-region", "default": "south"}, {"x-region": "south"}),
        ({"propagate": "x-region", "rename": "x-place", "default": "south"}, {"x-place": "south"}),
        ({"propagate": "x-region"}, {}),
        ({"insert": "authorization", "value": "Bearer ours"}, {"authorization": "Bearer ours"}),
        ({"remove": "Authorization"}, {"authorization": None}),
        ({"remove": "x-never-there"}, {}),
    ],
)
def test_a_rule_changes_what_it_names_and_nothing_else(rule, changed):
    expected = {name: value for name, value in {**PASSED_ON, **changed}.items() if value is not None}
    assert sent(HeaderRule(**rule)) == expected


def test_rules_are_applied_in_order_those_of_a_subgraph_last():
    first, second = HeaderRule(insert="x-a", value="1"), HeaderRule(insert="x-a", value="2")
    mine = (HeaderRule(remove="x-a"), HeaderRule(insert="x-b", value="3"))
    assert sent(first, second, reviews=mine) == {**PASSED_ON, "x-b": "3"}
    assert sent(first, second, reviews=mine, to="users") == {**PASSED_ON, "x-a": "2"}


def test_a_subgraph_without_rules_costs_nothing():
    headers = SubgraphHeaders(PASSED_ON, CAME, HeaderRules(subgraphs={"users": (HeaderRule(remove="authorization"),)}))
    assert headers.of("reviews") is PASSED_ON
    assert headers.of("users") is headers.of("users")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "exactly one of"),
        ({"propagate": "x-a", "remove": "x-a"}, "exactly one of"),
        ({"insert": "x-a"}, "belong together"),
        ({"remove": "x-a", "value": "1"}, "belong together"),
        ({"remove": "x-a", "rename": "x-b"}, "belong to 'propagate'"),
        ({"insert": "x-a", "value": "1", "default": "2"}, "belong to 'propagate'"),
        ({"propagate": "x a"}, "is not the name of a header"),
        ({"propagate": "x-a\r\nx-b"}, "is not the name of a header"),
        ({"insert": "x-a", "value": "1\r\nx-b: 2"}, "printable ASCII"),
        ({"propagate": "x-a", "default": "1\r\nx-b: 2"}, "printable ASCII"),
        ({"insert": "Content-Length", "value": "1"}, "the router's own"),
        ({"insert": "x-forwarded-for", "value": "1"}, "the router's own"),
        ({"propagate": "x-tenant", "rename": "traceparent"}, "the router's own"),
        ({"remove": "x-request-deadline-ms"}, "the router's own"),
        ({"propagate": "connection"}, "the router's own"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule, said):
    with pytest.raises(ValidationError, match=said):
        HeaderRule(**rule)


def test_a_value_is_shown_nowhere():
    rules = HeaderRules(all=[{"insert": "x-api-key", "value": "s3cret"}])
    assert "s3cret" not in repr(rules) + rules.model_dump_json()


async def test_each_subgraph_gets_its_own_over_http(monkeypatch):
    monkeypatch.setenv("ROUTER_HEADERS__ALL", json.dumps([{"propagate": "x-tenant"}]))
    mine = {"reviews": [{"insert": "x-api-key", "value": "k"}, {"remove": "authorization"}]}
    monkeypatch.setenv("ROUTER_HEADERS__SUBGRAPHS", json.dumps(mine))
    graph = SmallGraph()
    async with served(http_app(graph.users)) as users, served(http_app(graph.reviews)) as reviews:
        urls = {"users": f"{users.origin}/graphql", "reviews": f"{reviews.origin}/graphql"}
        app = create_app(Settings(subgraph_urls=urls), supergraph_text=SUPERGRAPH)
        async with served(app) as router, router.client() as http:
            query = {"query": "{ me { name reviews { body } } }"}
            came = {"x-tenant": "t1", "authorization": "Bearer c", "x-api-key": "mine"}
            async with http.post("/graphql", json=query, headers=came) as response:
                assert (await response.json())["data"]["me"]["name"] == "Ada"
    got = [
        {name: request.headers[name] for name in came if name in request.headers}
        for request in (*graph.users.requests, *graph.reviews.requests)
    ]
    assert got == [{"x-tenant": "t1", "authorization": "Bearer c"}, {"x-tenant": "t1", "x-api-key": "k"}]


async def test_pages_of_other_origins_may_send_what_goes_on():
    settings = Settings(cors_origins=("https://app.test",), headers={"all": [{"propagate": "x-tenant"}]})
    asked = {
        "origin": "https://app.test",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-tenant,accept-language",
    }
    app = create_app(settings, supergraph_text=SUPERGRAPH)
    async with (
        served(app) as router,
        router.client() as http,
        http.options("/graphql", headers=asked) as response,
    ):
        assert response.status == 200
        assert "x-tenant" in response.headers["access-control-allow-headers"].lower().split(", ")
