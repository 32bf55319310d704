"""What each hook of an extension is told, and what it may change."""

import pytest

from tests.router.extensions.asking import ask, routing
from tests.router.server.guarded import GUARDED, bearer, settings
from tests.router.server.http_client import GRAPHQL, code_of, post, serving
from tests.router.server.streams import ADDED, a_review, added, listening
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import END, SUPERGRAPH, SmallGraph
from trevo.clients.subgraph_client import SubgraphFailed
from trevo.config.header_rules import HeaderRule, HeaderRules
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.errors import ClientError, refuse
from trevo.extensions.extension import Extension
from trevo.extensions.told import Reply
from trevo.supergraph import SupergraphError

REVIEWS_OF_ME = "query Mine { me { name reviews { body } } }"


class Notebook(Extension):
    """Writes down what it is told."""

    def __init__(self):
        self.lines = []

    def on_arrival(self, arrival):
        self.lines.append(("arrival", arrival.headers.get("user-agent")))

    def on_request(self, request):
        self.lines.append(("request", request.operation_name, request.identity and request.identity.subject))

    def on_operation(self, operation):
        self.lines.append(("operation", operation.name, operation.kind, operation.root_fields(), operation.cost))

    def on_plan(self, planned):
        self.lines.append(("plan", [fetch.subgraph for fetch in planned.fetches]))

    def on_fetch(self, fetch):
        self.lines.append(("fetch", fetch.subgraph, fetch.is_mutation))

    def after_fetch(self, outcome):
        self.lines.append(("fetched", outcome.subgraph, outcome.outcome))

    def on_response(self, response):
        self.lines.append(("response", response.operation_name, response.outcome, len(response.errors)))

    def on_supergraph(self, supergraph):
        self.lines.append(("supergraph", sorted(supergraph.subgraphs), supergraph.is_first))


async def test_hooks_are_told_in_the_order_of_the_way():
    notebook = Notebook()
    async with routing(notebook) as router:
        await ask(router, REVIEWS_OF_ME, headers={"user-agent": "test"})
    assert notebook.lines == [
        ("supergraph", ["inventory", "products", "reviews", "users"], True),
        ("arrival", "test"),
        ("request", None, None),
        ("operation", "Mine", "query", ("Query.me",), 11.0),
        ("plan", ["users", "reviews"]),
        ("fetch", "users", False),
        ("fetched", "users", "ok"),
        ("fetch", "reviews", False),
        ("fetched", "reviews", "ok"),
        ("response", "Mine", "ok", 0),
    ]


async def test_what_is_refused_before_it_is_a_request_is_told_as_a_response():
    notebook = Notebook()
    async with serving(extensions=[notebook]) as http:
        status, _, _ = await post(http, b"[]")
    assert status == 400
    assert notebook.lines[1:] == [("response", None, "refused", 1)]


async def test_extensions_are_asked_in_their_order():
    asked = []

    class Named(Extension):
        def __init__(self, name):
            self.name = name

        async def on_request(self, _request):
            asked.append(self.name)

        async def on_response(self, _response):
            asked.append(self.name)

    async with routing(Named("first"), Named("second")) as router:
        await ask(router, "{ me { name } }")
    assert asked == ["first", "second", "first", "second"]


async def test_a_request_may_be_refused_before_it_is_read():
    class Closed(Extension):
        def on_request(self, _request):
            raise refuse("CLOSED", "Come back tomorrow.", status=503, headers={"retry-after": "60"})

    graph = SmallGraph()
    async with serving(graph=graph, extensions=[Closed()]) as http:
        status, headers, body = await post(http, {"query": "nonsense {"}, accept=GRAPHQL)
    assert (status, headers["retry-after"]) == (503, "60")
    assert body == {"errors": [{"message": "Come back tomorrow.", "extensions": {"code": "CLOSED"}}]}


async def test_a_request_may_be_answered_without_asking_anybody():
    class Kept(Extension):
        def on_request(self, request):
            if request.operation_name == "Kept":
                return Reply({"me": {"name": "Zoe"}}, (ClientError("This is old.", "OLD", path=("me",)),))
            return None

    graph = SmallGraph()
    async with routing(Kept(), graph=graph) as router:
        kept = await ask(router, "query Kept { me { name } }", operation_name="Kept")
        asked = await ask(router, "{ me { name } }")
    assert kept.body == {
        "errors": [{"message": "This is old.", "path": ["me"], "extensions": {"code": "OLD"}}],
        "data": {"me": {"name": "Zoe"}},
    }
    assert asked.body == {"data": {"me": {"name": "Ada"}}}
    assert len(graph.users.requests) == 1


async def test_a_refused_token_is_refused_whatever_an_extension_answers():
    class Generous(Extension):
        seen = None

        def on_request(self, request):
            self.seen = (request.identity, code_of({"errors": [request.refusal.errors[0].as_json()]}))
            return Reply({"me": None})

    generous = Generous()
    async with serving(settings(), extensions=[generous], supergraph_text=GUARDED, key_source=publish) as http:
        status, _, body = await post(http, {"query": "{ me { id } }"}, authorization="Bearer nonsense")
    assert (status, code_of(body)) == (401, "UNAUTHENTICATED")
    assert generous.seen == (None, "UNAUTHENTICATED")


async def test_headers_of_a_request_may_be_changed_for_subgraphs():
    class Tenant(Extension):
        def on_request(self, request):
            request.set_header("X-Tenant", request.headers["host-name"].partition(".")[0])
            request.remove_header("Accept-Language")

    graph = SmallGraph()
    rules = HeaderRules(all=[HeaderRule(propagate="x-tenant")])
    async with routing(Tenant(), graph=graph, settings=Settings(headers=rules)) as router:
        sent = {"host-name": "farm.example", "accept-language": "pt"}
        await ask(router, "{ me { name } }", headers=sent)
    (request,) = graph.users.requests
    assert request.headers["x-tenant"] == "farm"
    assert "accept-language" not in request.headers
    assert sent == {"host-name": "farm.example", "accept-language": "pt"}


@pytest.mark.parametrize(
    ("name", "value"), [("x-forwarded-for", "10.0.0.1"), ("content-length", "3"), ("a b", "c"), ("x", "a\r\nb: c")]
)
async def test_what_the_router_itself_says_and_what_is_no_header_cannot_be_set(name, value):
    raised = []

    class Wrong(Extension):
        def on_request(self, request):
            for told in (request.set_header,):
                with pytest.raises(ValueError, match=r"header|router's own"):
                    told(name, value)
                raised.append("request")

        def on_fetch(self, fetch):
            with pytest.raises(ValueError, match=r"header|router's own"):
                fetch.set_header(name, value)
            raised.append("fetch")

        def on_response(self, response):
            with pytest.raises(ValueError, match=r"header|router's own"):
                response.set_header(name, value)
            with pytest.raises(ValueError, match="router's own"):
                response.set_header("Cache-Control", "public")
            raised.append("response")

    async with routing(Wrong()) as router:
        assert (await ask(router, "{ me { name } }")).errors == []
    assert raised == ["request", "fetch", "response"]


async def test_an_operation_may_be_refused_before_it_is_planned():
    class OneRoot(Extension):
        def on_operation(self, operation):
            if len(operation.root_fields()) > 1:
                raise refuse("ONE_AT_A_TIME", "Ask for one thing.")

    graph = SmallGraph()
    notebook = Notebook()
    async with routing(OneRoot(), notebook, graph=graph) as router:
        result = await ask(router, "{ me { name } again: me { name } }")
    assert (code_of(result.body), result.status) == ("ONE_AT_A_TIME", 400)
    assert [line[0] for line in notebook.lines] == ["supergraph", "arrival", "request", "response"]
    assert graph.users.requests == []


async def test_a_plan_may_be_refused_before_anybody_is_asked():
    class Short(Extension):
        async def on_plan(self, planned):
            if len(planned.fetches) > 1:
                documents = [fetch.document for fetch in planned.fetches]
                raise refuse("TOO_FAR", f"{planned.operation.name}: {len(documents)} fetches.")

    graph = SmallGraph()
    async with routing(Short(), graph=graph) as router:
        result = await ask(router, REVIEWS_OF_ME)
        assert (await ask(router, "{ me { name } }")).errors == []
    assert result.errors == [{"message": "Mine: 2 fetches.", "extensions": {"code": "TOO_FAR"}}]
    assert len(graph.users.requests) == 1


async def test_headers_may_be_added_to_a_fetch():
    class Signed(Extension):
        async def on_fetch(self, fetch):
            fetch.set_header("x-signature", f"{fetch.subgraph} {len(fetch.document)}")

    graph = SmallGraph()
    async with routing(Signed(), graph=graph) as router:
        await ask(router, REVIEWS_OF_ME, headers={"user-agent": "test"})
    (asked,) = graph.users.requests
    assert asked.headers["x-signature"] == f"users {len(asked.document)}"
    assert asked.headers["user-agent"] == "test"
    assert graph.reviews.requests[0].headers["x-signature"].startswith("reviews ")


async def test_a_subgraph_may_be_kept_from_being_asked():
    class Night(Extension):
        def on_fetch(self, fetch):
            if fetch.subgraph == "reviews":
                raise SubgraphFailed("Reviews sleep.", code="ASLEEP")

    graph = SmallGraph()
    notebook = Notebook()
    async with routing(Night(), notebook, graph=graph) as router:
        result = await ask(router, REVIEWS_OF_ME)
    assert result.data == {"me": {"name": "Ada", "reviews": None}}
    assert result.errors == [
        {
            "message": "Reviews sleep.",
            "path": ["me", "reviews"],
            "extensions": {"code": "ASLEEP", "service": "reviews"},
        }
    ]
    assert graph.reviews.requests == []
    assert ("fetched", "reviews", "ASLEEP") in notebook.lines


async def test_a_subscription_is_told_where_it_begins_and_each_fetch_of_its_events():
    notebook = Notebook()

    class Signed(Extension):
        def on_fetch(self, fetch):
            fetch.set_header("x-signature", fetch.subgraph)

    graph = SmallGraph()
    async with serving(graph=graph, extensions=[notebook, Signed()]) as http, listening(http, ADDED) as events:
        graph.reviews.announce(a_review())
        assert (await events.next())[1] == added()
        graph.reviews.announce(END)
        assert (await events.next())[0] == "complete"
    assert notebook.lines[2:] == [
        ("request", None, None),
        ("operation", "Added", "subscription", ("Subscription.reviewAdded",), 2.0),
        ("plan", ["reviews", "users"]),
        ("fetch", "reviews", False),
        ("fetch", "users", False),
        ("fetched", "users", "ok"),
    ]
    assert graph.users.requests[0].headers["x-signature"] == "users"


async def test_a_response_may_get_headers_and_extensions():
    class Told(Extension):
        async def on_response(self, response):
            response.set_header("Server-Timing", f"cost;dur={response.operation.cost:g}")
            response.extensions["cost"] = response.operation.cost

    async with serving(extensions=[Told()]) as http:
        _, headers, body = await post(http, {"query": "{ me { name } }"})
    assert headers["server-timing"] == "cost;dur=1"
    assert body == {"data": {"me": {"name": "Ada"}}, "extensions": {"cost": 1.0}}


async def test_a_refusal_keeps_what_it_says_in_headers():
    class Told(Extension):
        def on_response(self, response):
            response.set_header("retry-after", "0")
            response.set_header("x-outcome", response.outcome)

    limited = Settings(rates=Rates(address="1/minute burst 1"))
    async with serving(limited, extensions=[Told()]) as http:
        await post(http, {"query": "{ me { name } }"})
        status, headers, _ = await post(http, {"query": "{ me { name } }"})
    assert (status, headers["x-outcome"]) == (429, "refused")
    assert int(headers["retry-after"]) > 0


async def test_rates_count_before_other_extensions_and_cost_before_rates():
    notebook = Notebook()
    strict = Settings(rates=Rates(root_fields={"Query.me": "1/minute burst 1"}), limits=Limits(cost_max=5))
    async with serving(strict, extensions=[notebook]) as http:
        codes = []
        for query in ("{ me { reviews { body } } }", "{ me { name } }", "{ me { name } }"):
            _, _, body = await post(http, {"query": query})
            codes.append(code_of(body) if "errors" in body else "OK")
    # What costs too much takes nothing of the rate.
    assert codes == ["COST_ESTIMATED_TOO_EXPENSIVE", "OK", "RATE_LIMITED"]
    assert [line[0] for line in notebook.lines].count("operation") == 1


async def test_who_asks_is_told():
    notebook = Notebook()
    async with serving(settings(), extensions=[notebook], supergraph_text=GUARDED, key_source=publish) as http:
        await post(http, {"query": "{ me { id } }", "operationName": None}, **bearer())
    assert ("request", None, "u1") in notebook.lines


class Gatekeeper(Extension):
    """Serves no graph with telephones."""

    def on_supergraph(self, supergraph):
        if "phone" in supergraph.schema.type_map["User"].fields:
            raise SupergraphError(f"it has telephones ({len(supergraph.text)})")


WITH_PHONE = SUPERGRAPH.replace(
    "  email: String @join__field(graph: USERS)",
    "  email: String @join__field(graph: USERS)\n  phone: String @join__field(graph: USERS)",
)


async def test_a_new_supergraph_may_be_refused_and_the_old_one_stays():
    async with routing(Gatekeeper()) as router:
        engine = router.engine
        assert not await router.reload(WITH_PHONE)
        assert router.engine is engine
        assert await router.reload(f"{SUPERGRAPH}\n# new")
        assert router.engine is not engine


async def test_without_an_old_one_the_router_does_not_start():
    with pytest.raises(SupergraphError, match="Gatekeeper refuses it: it has telephones"):
        async with routing(Gatekeeper(), supergraph_text=WITH_PHONE):
            pass


async def test_extensions_are_closed_when_the_router_stops():
    class Held(Extension):
        is_closed = False

        async def close(self):
            self.is_closed = True

    held = Held()
    async with routing(held):
        assert not held.is_closed
    assert held.is_closed
