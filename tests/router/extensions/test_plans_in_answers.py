"""The plan in an answer: who is shown it, and what stands in it, however a plan runs and an answer goes out."""

import asyncio

import orjson
import pytest

from tests.router.extensions.asking import ask, routing
from tests.router.extensions.test_costs_nothing import not_to_be_used
from tests.router.read_parts import parts_of
from tests.router.server.deferring import SLOW
from tests.router.server.guarded import bearer, settings
from tests.router.server.http_client import post, serving
from tests.router.server.streams import ADDED, a_review, listening, socket_of
from tests.router.server.test_override_labels import SUPERGRAPH as WORD
from tests.router.server.test_tokens_over_http import publish
from tests.router.sharing.test_whom_they_ask import a_router, addresses
from tests.router.small_graph import END, SmallGraph
from trevo.clients.subgraph_client import SubgraphFailed
from trevo.config.batching import Batching
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.config.sharing import Sharing
from trevo.config.shown_plans import ShownPlans
from trevo.extensions.extension import Extension
from trevo.gateway.request import GraphQLRequest

ME = "{ me { name reviews { body } } }"
REVIEWS = (
    "query ($representations: [_Any!]!) "
    "{ _entities(representations: $representations) { ... on User { reviews { body } } } }"
)
FLAG = {"plan": True}
HEADER = {"trevo-plan": "true"}


def shown(compile_after_uses=0, **options):
    limits = Limits(compile_after_uses=compile_after_uses)
    given = {"rates": Rates(enabled=False), "shown_plans": ShownPlans(to_everybody=True), "limits": limits}
    return Settings(**(given | options))


async def plan_of(router, query, **given):
    result = await ask(router, query, extensions=FLAG, **given)
    return orjson.loads(orjson.dumps(result.body["extensions"]["plan"]))


def fetches_in(node):
    """The fetches below *node*, as they are drawn."""
    if isinstance(node, list):
        return [fetch for each in node for fetch in fetches_in(each)]
    if not isinstance(node, dict):
        return []
    return [node] if node.get("kind") == "Fetch" else fetches_in(list(node.values()))


def went(requests):
    """Each of *requests* without its times: representations, attempts, errors, failure."""
    return [tuple(each[name] for name in ("representations", "attempts", "errors", "failure")) for each in requests]


def a_fetch(id_, subgraph, operation, request, *, paths=(), after=()):
    return {
        "kind": "Fetch",
        "id": id_,
        "serviceName": subgraph,
        "operationKind": "query",
        "operation": operation,
        "variableUsages": [],
        "paths": list(paths),
        "after": list(after),
        "requests": [{"attempts": 1, "status": None, "errors": 0, "failure": None, "shared": False, **request}],
    }


@pytest.mark.parametrize("compile_after_uses", [0, 1])
async def test_it_has_the_fetches_as_they_went(compile_after_uses):
    async with routing(settings=shown(compile_after_uses)) as router:
        plan = await plan_of(router, ME)
    first, second = (fetch["requests"][0] for fetch in fetches_in(plan["node"]))
    times = [(each.pop("startMilliseconds"), each.pop("milliseconds")) for each in (first, second)]
    (began, took), (then_began, then_took) = times
    # Each is rounded to its thousandth, so a sum may be two of them off.
    assert 0 <= plan.pop("plannedMilliseconds") <= began
    assert began + took <= then_began + 0.002
    assert then_began + then_took <= plan.pop("milliseconds") + 0.002
    sent = {"query": REVIEWS, "variables": {"representations": [{"__typename": "User", "id": "u1"}]}}
    answered = {"data": {"_entities": [{"reviews": [{"body": "good"}, {"body": "fine"}]}]}}
    root = {"representations": 0, "requestBytes": 30, "responseBytes": 40}
    below = {
        "representations": 1,
        "requestBytes": len(orjson.dumps(sent)),
        "responseBytes": len(orjson.dumps(answered)),
    }
    assert plan == {
        "kind": "QueryPlan",
        "program": "done" if compile_after_uses else None,
        "cost": 11.0,
        "node": {
            "kind": "Sequence",
            "nodes": [
                a_fetch(0, "users", "{ me { name id } }", root),
                a_fetch(1, "reviews", REVIEWS, below, paths=["me"], after=[0]),
            ],
        },
    }


@pytest.mark.parametrize(("compile_after_uses", "program"), [(0, None), (1, "errors")])
async def test_an_answer_with_errors_is_one_request_whoever_reads_it(compile_after_uses, program):
    graph = SmallGraph()
    graph.reviews.fault = lambda _request: {"data": None, "errors": [{"message": "no"}, {"message": "no, too"}]}
    async with routing(graph=graph, settings=shown(compile_after_uses)) as router:
        plan = await plan_of(router, ME)
    users, reviews = fetches_in(plan["node"])
    assert plan["program"] == program
    assert (went(users["requests"]), went(reviews["requests"])) == ([(0, 1, 0, None)], [(1, 1, 2, None)])
    assert len(graph.reviews.requests) == 1


@pytest.mark.parametrize(("compile_after_uses", "program"), [(0, None), (1, "failure")])
async def test_a_failure_is_told_by_its_code_alone(compile_after_uses, program):
    def away(_request):
        raise SubgraphFailed("It is away.", detail="10.0.0.7 refuses")

    graph = SmallGraph()
    graph.reviews.fault = away
    async with routing(graph=graph, settings=shown(compile_after_uses)) as router:
        plan = await plan_of(router, ME)
    users, reviews = fetches_in(plan["node"])
    assert plan["program"] == program
    assert went(reviews["requests"]) == [(1, 1, 0, "SUBREQUEST_FAILED")]
    assert reviews["requests"][0]["responseBytes"] is None
    assert "10.0.0.7" not in str(plan)
    assert went(users["requests"]) == [(0, 1, 0, None)]


@pytest.mark.parametrize(("compile_after_uses", "program"), [(0, None), (1, "shape")])
async def test_what_is_no_answer_is_a_failure(compile_after_uses, program):
    graph = SmallGraph()
    graph.reviews.fault = lambda _request: ["no response of GraphQL's"]
    async with routing(graph=graph, settings=shown(compile_after_uses)) as router:
        plan = await plan_of(router, ME)
    _, reviews = fetches_in(plan["node"])
    assert plan["program"] == program
    assert went(reviews["requests"]) == [(1, 1, 0, "SUBREQUEST_INVALID_RESPONSE")]


async def test_what_nobody_had_to_be_asked_has_no_request():
    graph = SmallGraph()
    graph.users.fault = lambda _request: {"data": {"me": None}}
    async with routing(graph=graph, settings=shown()) as router:
        users, reviews = fetches_in((await plan_of(router, ME))["node"])
        answered_here = await plan_of(router, "{ __typename }")
    assert (len(users["requests"]), reviews["requests"]) == (1, [])
    assert (answered_here["node"], answered_here["cost"]) == (None, 0.0)


async def test_a_fetch_in_parts_has_each_of_its_requests():
    settings = shown(limits=Limits(representations_per_call_max=1, compile_after_uses=0))
    async with routing(settings=settings) as router:
        _, inventory = fetches_in((await plan_of(router, "{ topProducts { inStock } }"))["node"])
    assert went(inventory["requests"]) == [(1, 1, 0, None), (1, 1, 0, None)]


async def test_conditions_are_drawn():
    query = "query ($some: Boolean!) { me { name reviews @include(if: $some) { body } } }"
    async with routing(settings=shown()) as router:
        plan = await plan_of(router, query, variables={"some": False})
    _, condition = plan["node"]["nodes"]
    assert (condition["kind"], condition["condition"], condition["elseClause"]) == ("Condition", "some", None)
    assert (condition["ifClause"]["serviceName"], condition["ifClause"]["requests"]) == ("reviews", [])


@pytest.mark.parametrize(
    ("given", "claims", "is_shown"),
    [
        (ShownPlans(), {"roles": "engineer", "scope": "plans"}, False),
        (ShownPlans(to_everybody=True), None, True),
        (ShownPlans(roles={"engineer"}), {"roles": "engineer"}, True),
        (ShownPlans(roles={"engineer"}), {"roles": ["support", "engineer"]}, True),
        (ShownPlans(roles={"engineer"}), {"roles": "engineering", "scope": "engineer"}, False),
        (ShownPlans(roles={"engineer"}), None, False),
        (ShownPlans(roles={"engineer"}, roles_claim="groups"), {"groups": ["engineer"]}, True),
        (ShownPlans(roles={"engineer"}, roles_claim="groups"), {"roles": "engineer"}, False),
        (ShownPlans(scopes={"plans"}), {"scope": "openid plans"}, True),
        (ShownPlans(scopes={"plans"}), {"scope": "openid"}, False),
    ],
)
async def test_it_is_shown_to_whom_the_settings_name_and_to_nobody_else(given, claims, is_shown):
    made = settings(shown_plans=given)
    token = {} if claims is None else bearer(**claims)
    async with serving(made, key_source=publish) as http:
        for headers, extensions in ((HEADER, None), ({}, FLAG), (HEADER, FLAG)):
            _, _, body = await post(http, {"query": ME, "extensions": extensions}, **token, **headers)
            assert body.pop("extensions", {}).keys() == ({"plan"} if is_shown else set())
            assert body == {"data": {"me": {"name": "Ada", "reviews": [{"body": "good"}, {"body": "fine"}]}}}


@pytest.mark.parametrize(
    ("headers", "extensions"),
    [({}, {}), ({}, {"plan": "true"}), ({}, {"plan": 1}), ({"trevo-plan": "1"}, {"plan": None})],
)
async def test_who_does_not_ask_for_it_is_not_shown_it_and_nothing_is_made(headers, extensions, monkeypatch):
    monkeypatch.setattr("trevo.extensions.told.PlanRecord", not_to_be_used)
    monkeypatch.setattr("trevo.execute.fetch._send_and_note", not_to_be_used)
    async with routing(settings=shown()) as router:
        result = await ask(router, ME, headers=headers, extensions=extensions)
    assert (result.errors, result.extensions) == ([], {})


async def test_what_was_refused_has_none():
    async with serving(settings(shown_plans=ShownPlans(to_everybody=True)), key_source=publish) as http:
        _, _, invalid = await post(http, {"query": "{ nobody }", "extensions": FLAG})
        _, _, of_no_one = await post(http, {"query": ME, "extensions": FLAG}, authorization="Bearer x.y.z")
    assert (invalid.keys(), of_no_one.keys()) == ({"errors"}, {"errors"})


async def test_the_record_of_another_extension_is_not_shown():
    class Watching(Extension):
        def on_request(self, request):
            request.keep_record()

        def on_response(self, response):
            self.seen = [request.fetch.subgraph for request in response.request.record.requests]

    watching = Watching()
    async with routing(watching, settings=shown(shown_plans=ShownPlans(roles={"engineer"}))) as router:
        result = await ask(router, ME, extensions=FLAG)
    assert (result.extensions, watching.seen) == ({}, ["users", "reviews"])


async def test_over_http_it_has_statuses():
    async with addresses("east", "west") as places, a_router(WORD, settings=_at(places)) as router:
        places[0].may_answer.set()
        plan = await plan_of(router, "{ word }")
    (request,) = (each for fetch in fetches_in(plan["node"]) for each in fetch["requests"])
    assert {name: request[name] for name in ("status", "attempts", "responseBytes")} == {
        "status": 200,
        "attempts": 1,
        "responseBytes": len(b'{"data":{"word":"east"}}'),
    }


def _at(places, **options):
    urls = {"old": places[0].origin, "new": places[1].origin}
    return {"subgraph_urls": urls, "shown_plans": ShownPlans(to_everybody=True), **options}


@pytest.mark.parametrize("sharing", [Sharing(fetches=True), Sharing(queries=True, fetches=True)])
async def test_a_shared_fetch_says_so_and_whole_queries_with_plans_are_not_shared(sharing):
    async with addresses("east", "west") as places, a_router(WORD, settings=_at(places, sharing=sharing)) as router:
        both = [asyncio.create_task(plan_of(router, "{ word }")) for _ in range(2)]
        await places[0].asked.wait()
        places[0].may_answer.set()
        plans = await asyncio.gather(*both)
    requests = [each for plan in plans for fetch in fetches_in(plan["node"]) for each in fetch["requests"]]
    told = [(each["shared"], each["attempts"], each["responseBytes"] is None) for each in requests]
    assert (sorted(told), places[0].requests) == ([(False, 1, False), (True, 0, False)], 1)


async def test_in_an_answer_in_parts_it_comes_with_the_last():
    async with serving(shown()) as http:
        parts = await parts_of(http, SLOW, extensions=FLAG)
    *before, last = parts
    assert [("extensions" in part) for part in before] == [False]
    node = last["extensions"]["plan"]["node"]
    (deferred,) = node["deferred"]
    assert (node["kind"], node["primary"]["node"]["serviceName"]) == ("Defer", "users")
    assert (deferred["label"], deferred["node"]["serviceName"]) == ("voices", "reviews")
    assert went(deferred["node"]["requests"]) == [(1, 1, 0, None)]


async def test_in_a_batch_each_has_its_own():
    async with serving(shown(batching=Batching(enabled=True))) as http:
        asked = [{"query": ME, "extensions": FLAG}, {"query": ME}, {"query": "{ users { id } }", "extensions": FLAG}]
        _, _, answers = await post(http, asked)
        _, _, by_header = await post(http, [{"query": ME}, {"query": ME}], **HEADER)
    plans = [each.get("extensions", {}).get("plan") for each in answers]
    services = [
        None if plan is None else [fetch["serviceName"] for fetch in fetches_in(plan["node"])] for plan in plans
    ]
    assert services == [["users", "reviews"], None, ["users"]]
    assert [each["extensions"].keys() for each in by_header] == [{"plan"}, {"plan"}]


async def test_each_event_of_a_subscription_has_that_of_its_own_fetches():
    graph = SmallGraph()
    async with serving(shown(), graph) as http, listening(http, ADDED, **HEADER) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1), a_review(2), END)
        first, second = [data["extensions"]["plan"] for type_, data in await events.rest() if type_ == "next"]
    for plan in (first, second):
        node = plan["node"]
        assert (node["kind"], node["primary"]["serviceName"], node["primary"]["requests"]) == (
            "Subscription",
            "reviews",
            [],
        )
        assert went(node["rest"]["requests"]) == [(1, 1, 0, None)]


async def test_an_event_is_without_where_nobody_asked():
    graph = SmallGraph()
    async with serving(shown(), graph) as http, listening(http, ADDED) as events:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1), END)
        assert [data.keys() for type_, data in await events.rest() if type_ == "next"] == [{"data"}]


async def test_on_a_web_socket_it_is_asked_by_each_operation():
    async with serving(shown()) as http, socket_of(http) as socket:
        await socket.begin()
        await socket.send("subscribe", "1", {"query": ME, "extensions": FLAG})
        answer = (await socket.receive())["payload"]
    assert [fetch["serviceName"] for fetch in fetches_in(answer["extensions"]["plan"]["node"])] == ["users", "reviews"]


@pytest.mark.parametrize(("given", "status"), [(ShownPlans(), 400), (ShownPlans(roles={"engineer"}), 200)])
async def test_a_page_of_another_origin_may_ask_for_it_where_somebody_may_see_it(given, status):
    made = shown(shown_plans=given, cors_origins=("https://app.example.org",))
    preflight = {
        "origin": "https://app.example.org",
        "access-control-request-method": "POST",
        "access-control-request-headers": "trevo-plan",
    }
    async with serving(made) as http, http.options("/graphql", headers=preflight) as response:
        assert response.status == status


async def test_it_is_made_of_the_request_alone_and_not_of_one_before():
    async with routing(settings=shown()) as router:
        for _ in range(2):
            plan = await plan_of(router, ME)
            assert [len(fetch["requests"]) for fetch in fetches_in(plan["node"])] == [1, 1]
        result = await router.execute(GraphQLRequest(ME, extensions=FLAG))
        assert result.seconds_kept == 0
