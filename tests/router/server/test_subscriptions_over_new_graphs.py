"""Subscriptions go on when a new supergraph takes over, over each transport."""

import asyncio
import gc
import weakref

from tests.router.server.http_client import serving
from tests.router.server.open_subscriptions import (
    NAMELESS,
    TRANSPORTS,
    by_events,
    code_and_reason,
    until,
    until_gone_over,
)
from tests.router.server.streams import a_review, added
from tests.router.small_graph import (
    SUPERGRAPH,
    SmallGraph,
    begin_events,
    http_app,
    make_reviews,
    send_event,
    served,
    until_gone,
)
from trevo.errors import refuse
from trevo.extensions.extension import Extension
from trevo.gateway.engine import Engine

MAIL = SUPERGRAPH.replace("email: String", "mail: String")
"""The same but for a field that `ADDED` does not ask for."""
BODY_ELSEWHERE = SUPERGRAPH.replace(
    'type Review @join__type(graph: REVIEWS, key: "id") {\n  id: ID!\n  body: String\n  author: User!\n'
    "  product: Product",
    'type Review @join__type(graph: REVIEWS, key: "id") @join__type(graph: INVENTORY, key: "id") {\n  id: ID!\n'
    "  body: String @join__field(graph: INVENTORY)\n  author: User! @join__field(graph: REVIEWS)\n"
    "  product: Product @join__field(graph: REVIEWS)",
)
"""Another subgraph has the text of a review: what is listened to is asked otherwise."""
OF_PRODUCT = "subscription { reviewAdded { product { name } } }"
NAME_ELSEWHERE = SUPERGRAPH.replace(
    "  upc: ID!\n  name: String @join__field(graph: PRODUCTS)",
    "  upc: ID!\n  name: String @join__field(graph: INVENTORY)",
)
"""The rest of the plan of `OF_PRODUCT` is another; what is listened to stays."""


def tells(subgraph, **members):
    """Let *subgraph* answer for every entity that it has these *members*."""
    subgraph.fault = lambda request: {"data": {"_entities": [members] * len(request.variables["representations"])}}


def held_back(graph):
    """Let users be answered only when the second of these events is set; the first tells that they were asked."""
    arrived, release = asyncio.Event(), asyncio.Event()

    async def wait(request):
        arrived.set()
        await release.wait()
        return (await graph.users.run(request)).formatted

    graph.users.fault = wait
    return arrived, release


@TRANSPORTS
async def test_it_goes_on_with_the_stream_there_is_where_that_is_asked_the_same(graph, subscribed):
    async with serving(graph=graph) as http, subscribed(http) as take:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        assert await take() == added(1)
        old = weakref.ref(http.router.engine)
        assert await http.router.reload(MAIL)
        graph.reviews.announce(a_review(2))
        assert await take() == added(2)
        await until_gone_over(http)
        gc.collect()
        assert old() is None
        assert await http.router.reload(SUPERGRAPH)
        await until_gone_over(http, 2)
        graph.reviews.announce(a_review(3))
        assert await take() == added(3)
    assert [request.document for request in graph.reviews.requests] == [graph.reviews.requests[0].document]


@TRANSPORTS
async def test_the_rest_of_its_plan_is_that_of_the_new_graph(graph, subscribed):
    tells(graph.products, name="Chair")
    tells(graph.inventory, name="Seat")
    async with serving(graph=graph) as http, subscribed(http, OF_PRODUCT) as take:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        assert await take() == {"data": {"reviewAdded": {"product": {"name": "Chair"}}}}
        assert await http.router.reload(NAME_ELSEWHERE)
        await until_gone_over(http)
        graph.reviews.announce(a_review(2))
        assert await take() == {"data": {"reviewAdded": {"product": {"name": "Seat"}}}}
    assert (len(graph.products.requests), len(graph.inventory.requests), len(graph.reviews.requests)) == (1, 1, 1)


@TRANSPORTS
async def test_where_the_stream_is_asked_otherwise_another_goes_on_behind_the_last_event(graph, subscribed):
    graph.reviews.names_events = True
    tells(graph.inventory, body="moved")
    async with serving(graph=graph) as http, subscribed(http) as take:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1), a_review(2))
        assert [await take(), await take()] == [added(1), added(2)]
        # What is told while nobody listens.
        graph.reviews.listeners_wait = asyncio.Event()
        assert await http.router.reload(BODY_ELSEWHERE)
        await graph.reviews.until_listeners(0)
        graph.reviews.announce(a_review(3, "u2"), a_review(4))
        graph.reviews.listeners_wait.set()
        moved = [{"data": {"reviewAdded": {"body": "moved", "author": {"name": name}}}} for name in ("Bob", "Ada")]
        assert [await take(), await take()] == moved
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(5, "u2"))
        assert await take() == moved[0]
    first, second = graph.reviews.requests
    assert "last-event-id" not in first.headers
    assert second.headers["last-event-id"] == "new2"
    assert first.document != second.document


async def test_a_subgraph_at_another_address_is_listened_to_there_and_no_more_at_the_old_one():
    before, after = SmallGraph(), SmallGraph()
    before.reviews.names_events = after.reviews.names_events = True
    async with served(http_app(before.reviews)) as old, served(http_app(after.reviews)) as new:
        texts = [SUPERGRAPH.replace("http://reviews.invalid", there.origin) for there in (old, new)]
        async with reviews_over_http(before, texts[0]) as http, by_events(http) as take:
            await before.reviews.until_listeners(1)
            before.reviews.announce(a_review(1))
            assert await take() == added(1)
            after.reviews.announce(a_review(1), a_review(2))
            assert await http.router.reload(texts[1])
            assert await take() == added(2)
            await after.reviews.until_listeners(1)
            await before.reviews.until_listeners(0)
            after.reviews.announce(a_review(3))
            assert await take() == added(3)
    assert after.reviews.requests[0].headers["last-event-id"] == "new1"


def reviews_over_http(graph, text):
    """A router whose reviews are asked over HTTP, at the address that *text* has."""
    return serving(graph=graph, supergraph_text=text, over_http=("reviews",))


async def test_an_event_that_has_begun_ends_with_the_graph_it_began_with(graph):
    arrived, release = held_back(graph)
    async with serving(graph=graph) as http, by_events(http) as take:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1), a_review(2))
        await arrived.wait()
        assert await http.router.reload(NAMELESS)
        release.set()
        assert await take() == added(1)
        assert code_and_reason(await take()) == ("SUPERGRAPH_CHANGED", "GRAPHQL_VALIDATION_FAILED")


async def test_events_without_names_that_have_come_are_told_before_their_stream_is_given_up(graph):
    """They came together; whoever listens elsewhere would not hear of them."""
    arrived, release = held_back(graph)

    async def three_at_once(_scope, receive, send):
        await begin_events(send)
        texts = []

        async def keep(message):
            texts.append(message["body"])

        for number in (1, 2, 3):
            event = {"reviewAdded": {"body": f"words {number}", "author": {"__typename": "User", "id": "u1"}}}
            await send_event(keep, {"data": event})
        await send({"type": "http.response.body", "body": b"".join(texts), "more_body": True})
        await until_gone(receive)

    after = SmallGraph()
    async with served(http_app(graph.reviews, three_at_once)) as old, served(http_app(after.reviews)) as new:
        texts = [SUPERGRAPH.replace("http://reviews.invalid", there.origin) for there in (old, new)]
        async with reviews_over_http(graph, texts[0]) as http, by_events(http) as take:
            await arrived.wait()
            assert await http.router.reload(texts[1])
            release.set()
            assert [await take() for _ in range(3)] == [added(1), added(2), added(3)]
            await after.reviews.until_listeners(1)
            after.reviews.announce(a_review(4))
            assert await take() == added(4)


async def test_two_graphs_in_a_row_and_what_both_use_stays_open(graph):
    """The second comes before the subscription has gone over to the first."""
    arrived, release = held_back(graph)
    after = SmallGraph()
    async with served(http_app(graph.reviews)) as old, served(http_app(after.reviews)) as new:
        text = SUPERGRAPH.replace("http://reviews.invalid", old.origin)
        async with reviews_over_http(graph, text) as http, by_events(http) as take:
            await graph.reviews.until_listeners(1)
            graph.reviews.announce(a_review(1), a_review(2))
            await arrived.wait()
            client = http.router.engine.clients["reviews"]
            assert await http.router.reload(text.replace("email: String", "mail: String"))
            assert http.router.engine.clients["reviews"] is client
            assert await http.router.reload(SUPERGRAPH.replace("http://reviews.invalid", new.origin))
            await asyncio.gather(*http.router._closing)
            graph.users.fault = None
            release.set()
            assert [await take(), await take()] == [added(1), added(2)]
            await graph.reviews.until_listeners(0)
            await after.reviews.until_listeners(1)
            after.reviews.announce(a_review(3))
            assert await take() == added(3)


async def test_a_graph_that_comes_while_it_is_planned_for_the_one_before_is_gone_over_to_at_once(graph, monkeypatch):
    """Not only when the next event comes."""
    prepare, asked, release = Engine.prepare, asyncio.Event(), asyncio.Event()

    async def slow(engine, *arguments):
        if engine is not first and not asked.is_set():
            asked.set()
            await release.wait()
        return await prepare(engine, *arguments)

    async with serving(graph=graph) as http, by_events(http) as take:
        await graph.reviews.until_listeners(1)
        first = http.router.engine
        monkeypatch.setattr(Engine, "prepare", slow)
        assert await http.router.reload(MAIL)
        await asked.wait()
        assert await http.router.reload(NAMELESS)
        release.set()
        assert code_and_reason(await take()) == ("SUPERGRAPH_CHANGED", "GRAPHQL_VALIDATION_FAILED")


async def test_a_graph_that_comes_before_its_stream_is_open_is_gone_over_to_at_once(graph, monkeypatch):
    plan, asked, release = Engine.plan, asyncio.Event(), asyncio.Event()

    async def slow(engine, *arguments):
        planned = await plan(engine, *arguments)
        asked.set()
        await release.wait()
        return planned

    async with serving(graph=graph) as http:
        monkeypatch.setattr(Engine, "plan", slow)

        async def reload():
            await asked.wait()
            assert await http.router.reload(NAMELESS)
            release.set()

        reloading = asyncio.create_task(reload())
        async with by_events(http) as take:
            assert code_and_reason(await take()) == ("SUPERGRAPH_CHANGED", "GRAPHQL_VALIDATION_FAILED")
        await reloading


async def test_another_subgraph_is_not_told_what_events_of_the_one_before_were_called(graph):
    graph.inventory = make_reviews()
    graph.inventory.name = "inventory"
    graph.reviews.names_events = graph.inventory.names_events = True
    moved = SUPERGRAPH.replace(
        "type Subscription @join__type(graph: REVIEWS)", "type Subscription @join__type(graph: INVENTORY)"
    ).replace(
        'type Review @join__type(graph: REVIEWS, key: "id")',
        'type Review @join__type(graph: REVIEWS, key: "id") @join__type(graph: INVENTORY, key: "id")',
    )
    async with serving(graph=graph) as http, by_events(http, "subscription { reviewAdded { id } }") as take:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        assert await take() == {"data": {"reviewAdded": {"id": "new1"}}}
        assert await http.router.reload(moved)
        await graph.inventory.until_listeners(1)
        graph.inventory.announce(a_review(7))
        assert await take() == {"data": {"reviewAdded": {"id": "new7"}}}
    (request,) = graph.inventory.requests
    assert "last-event-id" not in request.headers


async def test_while_there_is_no_time_to_plan_it_anew_it_goes_on_as_it_was(graph, monkeypatch):
    prepare, refused = Engine.prepare, []

    async def busy_at_first(engine, *arguments):
        if engine is not first and not refused:
            refused.append(engine)
            raise refuse("PLANNING_BUSY", "Too many other new operations are being worked out.", status=503)
        return await prepare(engine, *arguments)

    async with serving(graph=graph) as http, by_events(http) as take:
        await graph.reviews.until_listeners(1)
        first = http.router.engine
        monkeypatch.setattr(Engine, "prepare", busy_at_first)
        assert await http.router.reload(MAIL)
        await until(lambda: refused)
        graph.reviews.announce(a_review(1))
        assert await take() == added(1)
        await until_gone_over(http)
        graph.reviews.announce(a_review(2))
        assert await take() == added(2)


async def test_extensions_are_told_of_the_new_plan_and_of_no_new_request(graph):
    told = []

    class Plans(Extension):
        def on_request(self, _request):
            told.append("request")

        def on_operation(self, operation):
            told.append(operation.root_fields())

        def on_plan(self, planned):
            told.append([fetch.subgraph for fetch in planned.fetches])

        def on_event(self, event):
            told.append((event.number, event.operation.root_fields()))

    tells(graph.inventory, name="Seat")
    async with serving(graph=graph, extensions=[Plans()]) as http, by_events(http, OF_PRODUCT) as take:
        await graph.reviews.until_listeners(1)
        graph.reviews.announce(a_review(1))
        await take()
        assert await http.router.reload(NAME_ELSEWHERE)
        await until_gone_over(http)
        graph.reviews.announce(a_review(2))
        await take()
    roots = ("Subscription.reviewAdded",)
    assert told == ["request", roots, ["reviews", "products"], (1, roots), ["reviews", "inventory"], (2, roots)]
