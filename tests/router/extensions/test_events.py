"""What an extension is told of each event of a subscription, and what it may add."""

import asyncio

import pytest

from tests.router.extensions.asking import failures
from tests.router.extensions.test_failing_extensions import QUICK, failing, hangs, raises
from tests.router.server.http_client import serving
from tests.router.server.streams import a_review, added, listening, socket_of
from tests.router.small_graph import END, SmallGraph
from trevo.clients.subgraph_client import Deadline
from trevo.extensions.extension import Extension


class Numbers(Extension):
    def __init__(self):
        self.told = []

    async def on_event(self, event):
        await asyncio.sleep(0)
        self.told.append((event.operation.name, event.number, event.data, event.errors, event.seconds > 0))
        event.extensions["number"] = event.number

    def on_response(self, _response):
        self.told.append("a response")


async def test_each_event_is_told_and_gets_extensions():
    graph, numbers = SmallGraph(), Numbers()
    async with serving(graph=graph, extensions=[numbers]) as http, listening(http) as events:
        for number in (1, 2):
            graph.reviews.announce(a_review(number))
            assert (await events.next())[1] == {**added(number), "extensions": {"number": number}}
        graph.reviews.announce(END)
        assert (await events.next())[0] == "complete"
    assert numbers.told == [("Added", number, added(number)["data"], (), True) for number in (1, 2)]


async def test_and_so_is_each_over_a_web_socket_counted_for_its_own_subscription():
    graph, numbers = SmallGraph(), Numbers()
    async with serving(graph=graph, extensions=[numbers]) as http, socket_of(http) as socket:
        await socket.begin()
        for id_ in ("1", "2"):
            await socket.subscribe(id_)
            await graph.reviews.until_listeners(int(id_))
        graph.reviews.announce(a_review())
        payloads = [(await socket.receive())["payload"] for _ in range(2)]
    assert payloads == [{**added(), "extensions": {"number": 1}}] * 2


async def test_errors_of_an_event_are_told():
    graph, numbers = SmallGraph(), Numbers()
    graph.users.fault = lambda _request: {"data": None, "errors": [{"message": "Users sleep."}]}
    async with serving(graph=graph, extensions=[numbers]) as http, listening(http) as events:
        graph.reviews.announce(a_review())
        _, body = await events.next()
    ((_, number, data, errors, _),) = numbers.told
    assert (number, data, list(errors)) == (1, body["data"], body["errors"])
    assert errors[0]["message"] == "Users sleep."


@pytest.mark.parametrize("behave", [raises, hangs])
async def test_an_event_goes_out_without_what_fails_and_the_next_one_comes(behave):
    def spoil(self, event):
        event.extensions["half"] = True
        return behave(self, event)

    graph = SmallGraph()
    first, broken = Numbers(), failing("on_event", spoil)
    async with serving(QUICK, graph, extensions=[first, broken]) as http, listening(http) as events:
        for number in (1, 2):
            graph.reviews.announce(a_review(number))
            assert (await events.next())[1] == {**added(number), "extensions": {"number": number}}
        assert failures(http.router) == {("Broken", "on_event"): 2}


async def test_what_is_no_object_is_not_sent():
    def add(_self, event):
        event.extensions = ["no object"]

    graph = SmallGraph()
    async with serving(graph=graph, extensions=[failing("on_event", add)]) as http, listening(http) as events:
        graph.reviews.announce(a_review())
        assert (await events.next())[1] == added()
        assert failures(http.router) == {("Broken", "on_event"): 1}


async def test_a_hook_has_its_time_for_what_an_event_needs_however_long_ago_its_request_was():
    graph = SmallGraph()

    class Signs(Extension):
        def on_request(self, request):
            self.request = request

        async def on_fetch(self, fetch):
            await asyncio.to_thread(fetch.set_header, "x-signed", "yes")

    signs = Signs()
    async with serving(graph=graph, extensions=[signs]) as http, listening(http) as events:
        await graph.reviews.until_listeners(1)
        signs.request.deadline = Deadline.after(-1)
        graph.reviews.announce(a_review())
        assert (await events.next())[1] == added()
    assert graph.users.requests[0].headers["x-signed"] == "yes"
