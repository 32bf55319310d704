"""Who asks too often is told to wait, in the words of whatever they came by."""

import asyncio
import socket
from types import SimpleNamespace

import pytest

from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.server.http_client import GRAPHQL, JSON, get, post, serving
from tests.router.server.streams import STREAM, socket_of
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import SmallGraph
from trevo.config.rates import Rates
from trevo.config.settings import Settings

ME = {"query": "{ me { id } }"}
RENAME = {"query": 'mutation { rename(id: "u1", name: "Ada") { id } }'}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """It stands still unless a test moves it: no rate depends on how busy the machine is."""
    clock = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr("trevo.rates.rate_stores.time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def settings(**rates):
    return Settings(issuer=ISSUER, audience=AUDIENCE, trusted_networks=("127.0.0.0/8",), rates=Rates(**rates))


def of(address):
    return {"x-forwarded-for": address}


def bearer(subject):
    return {"authorization": f"Bearer {token(sub=subject)}"}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL, STREAM])
async def test_one_more_than_the_burst_is_answered_429(accept):
    async with serving(settings(address="1/minute burst 2")) as http:
        statuses = [(await post(http, ME, accept=JSON))[0] for _ in range(2)]
        status, headers, body = await post(http, ME, accept=accept)
    assert (*statuses, status, headers["retry-after"]) == (200, 200, 429, "60")
    assert body == {
        "errors": [
            {
                "message": "Too many requests; try again in 60 s.",
                "extensions": {"code": "RATE_LIMITED", "retryAfterSeconds": 60},
            }
        ]
    }


async def test_by_default_300_in_a_burst_are_too_many_and_a_screen_is_not():
    async with serving(settings(), key_source=publish) as http:
        answers = await asyncio.gather(*(post(http, ME) for _ in range(300)))
        statuses = [status for status, _, _ in answers]
        assert (statuses.count(200), statuses.count(429)) == (100, 200)
        # Ten screens at once of somebody who is signed in, from that very address.
        person = [(await post(http, ME, **bearer("ada")))[0] for _ in range(30)]
    assert person == [200] * 30


async def test_a_person_is_counted_wherever_they_come_from_and_nobody_else_for_them():
    async with serving(settings(person="1/minute"), key_source=publish) as http:
        assert (await post(http, ME, **bearer("ada"), **of("203.0.113.1")))[0] == 200
        assert (await post(http, ME, **bearer("ada"), **of("203.0.113.2")))[0] == 429
        assert (await post(http, ME, **bearer("bob"), **of("203.0.113.1")))[0] == 200
        assert (await post(http, ME, **of("203.0.113.1")))[0] == 200


async def test_who_is_anonymous_is_counted_by_address():
    async with serving(settings(address="1/minute", address_ipv6="1/minute burst 2")) as http:
        assert (await post(http, ME, **of("203.0.113.1")))[0] == 200
        assert (await post(http, ME, **of("198.51.100.1, 203.0.113.1")))[0] == 429
        assert (await post(http, ME, **of("203.0.113.2")))[0] == 200
        ipv6 = [(await post(http, ME, **of(f"2001:db8::{number}")))[0] for number in (1, 2, 3)]
        assert ipv6 == [200, 200, 429]
        assert (await post(http, ME, **of("2001:db8:0:1::1")))[0] == 200


async def test_a_name_that_the_client_chooses_changes_nothing():
    async with serving(settings(address="1/minute burst 2")) as http:
        names = [(await post(http, {"query": f"query Q{number} {{ me {{ id }} }}"}))[0] for number in range(3)]
    assert names == [200, 200, 429]


async def test_a_root_field_has_a_rate_of_its_own_and_each_alias_counts(clock):
    graph = SmallGraph()
    rates = settings(root_fields={"Mutation.rename": "3/minute"})
    async with serving(rates, graph) as http:
        assert (await post(http, RENAME))[0] == 200
        twice = {"query": 'mutation { a: rename(id: "u1", name: "A") { id } b: rename(id: "u1", name: "B") { id } }'}
        assert (await post(http, twice))[0] == 200
        asked = len(graph.users.requests)
        status, _, body = await post(http, RENAME)
        assert (status, body["errors"][0]["extensions"]) == (429, {"code": "RATE_LIMITED", "retryAfterSeconds": 20})
        assert len(graph.users.requests) == asked
        clock.now += 19.5
        assert (await post(http, RENAME))[2]["errors"][0]["extensions"]["retryAfterSeconds"] == 1
        assert (await post(http, ME))[0] == 200
        assert (await post(http, RENAME, **of("203.0.113.9")))[0] == 200
        clock.now += 0.5
        assert [(await post(http, RENAME))[0] for _ in range(2)] == [200, 429]


async def test_what_is_left_out_by_a_condition_is_not_counted():
    query = 'mutation ($yes: Boolean!) { rename(id: "u1", name: "A") @include(if: $yes) { id } other: __typename }'
    async with serving(settings(root_fields={"Mutation.rename": "1/minute"})) as http:
        for _ in range(3):
            assert (await post(http, {"query": query, "variables": {"yes": False}}))[0] == 200
        assert (await post(http, {"query": query, "variables": {"yes": True}}))[0] == 200
        assert (await post(http, {"query": query, "variables": {"yes": True}}))[0] == 429


async def test_bad_tokens_count_for_the_address_that_sends_them():
    async with serving(settings(address="1/minute burst 2"), key_source=publish) as http:
        bad = {"authorization": f"Bearer {token(aud='elsewhere')}"}
        assert [(await post(http, ME, **bad))[0] for _ in range(3)] == [401, 401, 429]


async def test_each_operation_of_a_web_socket_counts():
    async with serving(settings(address="1/minute burst 2")) as http, socket_of(http) as socket:
        await socket.begin()
        for id_ in ("1", "2"):
            await socket.subscribe(id_, "{ me { id } }")
            assert [(await socket.receive())["type"] for _ in range(2)] == ["next", "complete"]
        await socket.subscribe("3", "{ me { id } }")
        refused = await socket.receive()
        assert (refused["type"], refused["id"]) == ("error", "3")
        assert refused["payload"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfterSeconds": 60}
        assert (await post(http, ME))[0] == 429


async def test_get_counts_like_post():
    async with serving(settings(address="1/minute")) as http:
        assert (await get(http, query="{ me { id } }"))[0] == 200
        assert (await get(http, query="{ me { id } }"))[0] == 429


async def test_rates_can_be_switched_off_and_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("ROUTER_RATES__ADDRESS", "1/minute")
    monkeypatch.setenv("ROUTER_RATES__ROOT_FIELDS", '{"Query.me": "2/minute"}')
    assert Settings().rates == Rates(address="1/minute", root_fields={"Query.me": "2/minute"})
    monkeypatch.setenv("ROUTER_RATES__ENABLED", "false")
    async with serving(Settings()) as http:
        assert [(await post(http, ME))[0] for _ in range(4)] == [200] * 4


async def test_figures_say_who_was_refused_and_by_which_rate():
    async with serving(settings(address="1/minute", root_fields={"Query.me": "1/hour"})) as http:
        for _ in range(3):
            await post(http, ME)
        await post(http, ME, **of("203.0.113.9"))
        text = http.router.metrics.text().decode()
    assert 'router_rate_limited_total{rule="address"} 2.0\n' in text


async def test_without_the_store_that_it_names_a_router_counts_for_itself_and_says_so():
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    rates = settings(address="1/minute", store_url=f"redis://127.0.0.1:{port}", store_seconds_max=1)
    async with serving(rates) as http:
        assert [(await post(http, ME))[0] for _ in range(2)] == [200, 429]
        assert "router_rate_store_up 0.0\n" in http.router.metrics.text().decode()


async def test_a_router_remembers_so_many_buckets_by_itself():
    async with serving(settings(address="1/minute", remembered_max=1)) as http:
        statuses = [(await post(http, ME, **of(f"203.0.113.{number}")))[0] for number in (1, 2, 2, 1)]
    assert statuses == [200, 200, 429, 200]


async def test_metrics_and_health_have_no_rate():
    async with serving(settings(address="1/minute")) as http:
        for _ in range(5):
            async with http.get("/health") as response:
                assert response.status == 200
