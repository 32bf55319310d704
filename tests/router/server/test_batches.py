"""Several operations in one request: answered in their order, each by its own bounds, together by those of one."""

import asyncio
import gzip

import orjson
import pytest

from tests.router.read_parts import MULTIPART
from tests.router.server.deferring import SLOW
from tests.router.server.http_client import GRAPHQL, JSON, code_of, post, serving
from tests.router.server.streams import ADDED, STREAM
from tests.router.small_graph import SmallGraph
from trevo.config.batching import Batching
from trevo.config.limits import Limits
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.extensions.extension import Extension

ADA, USERS = {"query": "{ me { name } }"}, {"query": "{ users { id } }"}
ADA_ANSWER, USERS_ANSWER = {"data": {"me": {"name": "Ada"}}}, {"data": {"users": [{"id": "u1"}, {"id": "u2"}]}}
RENAME = 'mutation ($to: String!) { rename(id: "u1", name: $to) { name } }'
MANY = "{ users { reviews { product { reviews { author { name } } } } } }"


def batching(graph=None, *, operations_max=10, extensions=(), **settings):
    given = {"rates": Rates(enabled=False), "batching": Batching(enabled=True, operations_max=operations_max)}
    return serving(Settings(**(given | settings)), graph, extensions=extensions)


async def test_they_are_answered_in_their_order():
    async with batching() as http:
        for accept in (None, JSON, GRAPHQL, f"{GRAPHQL}, {JSON};q=0.9", "*/*"):
            status, headers, answers = await post(http, [ADA, USERS, ADA], accept=accept)
            assert (status, headers["content-type"]) == (200, "application/json; charset=utf-8")
            assert answers == [ADA_ANSWER, USERS_ANSWER, ADA_ANSWER]
            assert headers["cache-control"] == "private, no-store"


async def test_the_slowest_of_them_holds_up_no_other():
    graph = SmallGraph()
    order = []

    async def slow(request):
        order.append("asked")
        if len(order) < 2:
            await both_asked.wait()
        else:
            both_asked.set()
        return (await graph.users.run(request)).formatted

    both_asked = asyncio.Event()
    graph.users.fault = slow
    async with batching(graph) as http:
        _, _, answers = await post(http, [ADA, USERS])
    assert (answers, order) == ([ADA_ANSWER, USERS_ANSWER], ["asked", "asked"])


async def test_where_something_may_change_they_are_answered_one_after_another():
    graph = SmallGraph()
    batch = [{"query": RENAME, "variables": {"to": "Eve"}}, ADA, {"query": RENAME, "variables": {"to": "Zoe"}}, ADA]
    async with batching(graph) as http:
        _, _, answers = await post(http, batch)
    names = [next(iter(answer["data"].values()))["name"] for answer in answers]
    assert names == ["Eve", "Eve", "Zoe", "Zoe"]


async def test_what_is_wrong_with_one_costs_the_others_nothing():
    wrong = [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        (7, "BAD_REQUEST"),
    ]
    batch = [ADA, *({"query": query} for query, _ in wrong), "text", None, [ADA], USERS]
    async with batching() as http:
        status, _, answers = await post(http, batch)
    assert (status, answers[0], answers[-1]) == (200, ADA_ANSWER, USERS_ANSWER)
    codes = [code for _, code in wrong] + ["BAD_REQUEST"] * 3
    assert [code_of(answer) for answer in answers[1:-1]] == codes
    assert answers[4]["errors"][0]["message"] == "Each entry must be an object with a member 'query'."


async def test_none_of_them_goes_on():
    """Neither a subscription, nor parts: what is deferred comes with the rest."""
    subscription = {"query": ADDED}
    async with batching() as http:
        for accept in (f"{STREAM}, {JSON};q=0.1", f"{MULTIPART}, {JSON};q=0.1"):
            _, _, answers = await post(http, [{"query": SLOW}, subscription], accept=accept)
            assert answers[0] == {"data": {"me": {"name": "Ada", "reviews": [{"body": "good"}, {"body": "fine"}]}}}
            assert code_of(answers[1]) == "SUBSCRIPTION_NEEDS_STREAM"
        for accept in (STREAM, MULTIPART):
            status, _, answer = await post(http, [ADA], accept=accept)
            assert (status, code_of(answer)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("count", [1, 3, 4])
async def test_they_are_as_many_as_set_at_most(count):
    graph = SmallGraph()
    async with batching(graph, operations_max=3) as http:
        status, _, answer = await post(http, [ADA] * count)
    if count <= 3:
        assert (status, answer) == (200, [ADA_ANSWER] * count)
        return
    assert (status, code_of(answer)) == (400, "BATCH_TOO_LARGE")
    assert answer["errors"][0]["message"] == "A batch has 3 operations at most; this one has 4."
    assert graph.users.requests == []


async def test_none_is_a_bad_request_and_off_is_what_it_is_unless_set():
    async with batching() as http:
        status, _, answer = await post(http, [])
        assert (status, code_of(answer), answer["errors"][0]["message"]) == (400, "BAD_REQUEST", "The batch is empty.")
    async with serving() as http:
        status, _, answer = await post(http, [ADA])
        assert (status, code_of(answer)) == (400, "BATCHING_NOT_SUPPORTED")


async def test_together_they_cost_what_one_may():
    costs = []

    class Noting(Extension):
        def on_operation(self, operation):
            costs.append(operation.cost)

    async with batching(extensions=(Noting(),)) as http:
        await post(http, [{"query": MANY}])
    (cost,) = costs
    limits = Limits(cost_max=2 * cost)
    async with batching(limits=limits) as http:
        _, _, answers = await post(http, [{"query": MANY}, {"query": MANY}, {"query": MANY}])
        assert ["errors" in answer for answer in answers] == [False, False, True]
        assert code_of(answers[2]) == "COST_ESTIMATED_TOO_EXPENSIVE"
        _, _, answers = await post(http, [{"query": MANY}])
        assert "errors" not in answers[0]


async def test_each_counts_against_the_rates():
    rates = Rates(address="60/minute burst 2")
    async with batching(rates=rates) as http:
        status, _, answers = await post(http, [ADA, ADA, ADA])
    assert (status, answers[:2], code_of(answers[2])) == (200, [ADA_ANSWER] * 2, "RATE_LIMITED")
    assert answers[2]["errors"][0]["extensions"]["retryAfterSeconds"] == 1


async def test_each_takes_a_place_among_those_in_flight():
    async with batching(limits=Limits(in_flight_max=2)) as http:
        _, _, answers = await post(http, [ADA, ADA, ADA])
    assert (answers[:2], code_of(answers[2])) == ([ADA_ANSWER] * 2, "TOO_MANY_REQUESTS_IN_FLIGHT")


async def test_they_have_the_time_of_one():
    seen = []

    class Noting(Extension):
        def on_request(self, request):
            seen.append(request.deadline)

    async with batching(extensions=(Noting(),)) as http:
        await post(http, [ADA, USERS], **{"x-request-deadline-ms": "5000"})
        await post(http, [ADA])
    first, second, other = seen
    assert first is second
    assert other is not first


async def test_an_array_is_packed_like_any_answer():
    async with batching() as http:
        sent = {"content-type": JSON, "accept-encoding": "gzip"}
        query = {"query": "{ " + " ".join(f"a{number}: users {{ id name email }}" for number in range(20)) + " }"}
        async with http.post("/graphql", data=orjson.dumps([query, query]), headers=sent) as response:
            assert response.headers["content-encoding"] == "gzip"
            answers = orjson.loads(gzip.decompress(await response.read()))
    assert answers[0] == answers[1]
    assert list(answers[0]["data"]) == [f"a{number}" for number in range(20)]
