"""Where a subgraph is: addresses that are asked by plain HTTP, and names that mean several addresses, or none."""

import asyncio
import socket

import pytest

from tests.router.clients.conftest import BY_PLAIN_HTTP, failure_of
from tests.router.clients.wire import GOOD, wire
from tests.router.small_graph import SUPERGRAPH
from trevo.clients.plain_http import connect
from trevo.clients.plain_http.address import plain_address
from trevo.clients.subgraph_client import Deadline, SubgraphRequest
from trevo.config.settings import Settings
from trevo.main import create_app

QUERY = SubgraphRequest("{ a }", deadline=Deadline.after(86_400))  # from when this file is read


@pytest.fixture
def looked_up(monkeypatch):
    """What names mean, by name; and each name that was looked up."""
    meanings, asked = {}, []
    really = asyncio.BaseEventLoop.getaddrinfo

    async def look_up(loop, host, port, **options):
        if host not in meanings:
            return await really(loop, host, port, **options)
        asked.append(host)
        meaning = meanings[host]
        if isinstance(meaning, asyncio.Event):
            await meaning.wait()
        if isinstance(meaning, Exception):
            raise meaning
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in meaning]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    return meanings, asked


def named(there, name="subgraph.test"):
    return there.url.replace("127.0.0.1", name)


async def test_all_addresses_of_a_name_are_tried(client_at, looked_up):
    looked_up[0]["subgraph.test"] = ["127.0.0.2", "127.0.0.3", "127.0.0.1"]
    async with wire(GOOD) as there:
        assert (await client_at(named(there)).send(QUERY)).body == {"data": {}}


async def test_an_address_that_says_nothing_leaves_time_for_the_next(client_at, looked_up):
    """A listener whose line is full lets nobody in and says nothing."""
    looked_up[0]["subgraph.test"] = ["127.0.0.2", "127.0.0.1"]
    async with wire(GOOD) as there:
        with socket.create_server(("127.0.0.2", int(there.url.split(":")[2].split("/")[0])), backlog=0) as full:
            waiting = [socket.socket() for _ in range(3)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            client = client_at(named(there), subgraph_connect_seconds_max=2.0)
            assert (await client.send(QUERY)).body == {"data": {}}
            for one in waiting:
                one.close()


async def test_a_name_that_means_nothing(client_at, looked_up):
    looked_up[0]["subgraph.test"] = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    failure = await failure_of(client_at("http://subgraph.test/graphql"), QUERY)
    assert (failure.code, failure.message, failure.is_outage) == (
        "SUBREQUEST_FAILED",
        "The subgraph 'users' could not be reached.",
        True,
    )
    assert "Name or service not known" in failure.detail


@BY_PLAIN_HTTP
async def test_a_name_without_an_address(client_at, looked_up):
    looked_up[0]["subgraph.test"] = []
    failure = await failure_of(client_at("http://subgraph.test/graphql"), QUERY)
    assert (failure.detail, failure.is_outage) == ("OSError: no address of subgraph.test", True)


@BY_PLAIN_HTTP
async def test_a_name_is_looked_up_within_the_time_for_a_connection(client_at, looked_up):
    looked_up[0]["subgraph.test"] = asyncio.Event()
    client = client_at("http://subgraph.test/graphql", subgraph_connect_seconds_max=0.05)
    async with asyncio.timeout(20):
        assert (await failure_of(client, QUERY)).code == "SUBREQUEST_TIMEOUT"


def hold_up(monkeypatch, name):
    """Let 10 s pass when the loop has first done *name*, before it looks at what has come and which timers ring."""
    loop, passed = asyncio.get_running_loop(), []
    tell_time, do = loop.time, getattr(loop, name)

    async def do_and_be_held_up(*given, **options):
        done = await do(*given, **options)
        if not passed:
            passed.append(10.0)
            for _ in range(2):
                await asyncio.sleep(0)
        return done

    monkeypatch.setattr(loop, "time", lambda: tell_time() + sum(passed))
    monkeypatch.setattr(loop, name, do_and_be_held_up)
    return passed


@pytest.mark.parametrize("name", ["getaddrinfo", "sock_connect"])
async def test_a_connection_that_is_made_while_the_loop_is_held_up_is_used(
    client_at, looked_up, monkeypatch, name, carrier
):
    looked_up[0]["subgraph.test"] = ["127.0.0.1"]
    async with wire(GOOD) as there:
        client = client_at(named(there), subgraph_connect_seconds_max=1.0)
        passed = hold_up(monkeypatch, name)
        assert (await client.send(QUERY)).body == {"data": {}}
        # The library ends it and makes another.
        number = 1 if (carrier, name) == ("library", "sock_connect") else 0
        assert (passed, there.connections) == ([10.0], [number])


async def test_a_crowd_looks_a_name_up_once(client_at, looked_up):
    meanings, asked = looked_up
    meanings["subgraph.test"] = ["127.0.0.1"]
    never = asyncio.Event()
    async with wire([never, GOOD]) as there:
        client = client_at(named(there))
        crowd = [asyncio.create_task(client.send(QUERY)) for _ in range(20)]
        for _ in crowd:
            await there.came.get()
        never.set()
        await asyncio.gather(*crowd)
        assert asked == ["subgraph.test"]


@BY_PLAIN_HTTP
async def test_a_name_is_looked_up_again_when_what_was_found_is_old_or_wrong(client_at, looked_up, monkeypatch):
    meanings, asked = looked_up
    meanings["subgraph.test"] = ["127.0.0.2"]
    async with wire(GOOD) as there:
        client = client_at(named(there))
        await failure_of(client, QUERY)
        meanings["subgraph.test"] = ["127.0.0.1"]
        await client.send(QUERY)
        assert len(asked) == 2
        await client.close()
        await client.send(QUERY)
        assert len(asked) == 2
        await client.close()
        monkeypatch.setattr(connect, "KNOWN_SECONDS", -1)
        await client.send(QUERY)
        assert len(asked) == 3


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")
async def test_ipv6(client_at):
    async with wire(GOOD, host="::1") as there:
        assert (await client_at(there.url).send(QUERY)).body == {"data": {}}
        assert f"host: {there.url.split('/')[2]}".encode() in there.heads[0].lower()


async def test_path_and_query_are_asked_for_as_they_stand(client_at):
    async with wire(GOOD) as there:
        await client_at(there.url + "/v1/%7Ea?x=1&y=%2F#part").send(QUERY)
        assert there.heads[0].startswith((b"POST /graphql/v1/%7Ea?x=1&y=%2F ", b"POST /graphql/v1/~a?x=1&y=/ "))


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("http://accounts/graphql", "accounts", "/graphql"),
        ("HTTP://Accounts:80", "accounts", "/"),
        ("http://accounts:4001/a?b=c#d", "accounts:4001", "/a?b=c"),
        ("http://accounts?b=c", "accounts", "/?b=c"),
        ("http://[::1]:4001/graphql", "[::1]:4001", "/graphql"),
        ("http://[fd00::1]/graphql", "[fd00::1]", "/graphql"),
    ],
)
def test_an_address_for_plain_http(url, authority, target):
    address = plain_address(url)
    assert address is not None
    assert (address.authority, address.target) == (authority, target)


@pytest.mark.parametrize(
    "url",
    [
        "https://accounts/graphql",
        "http://user:password@accounts/graphql",
        "http://@accounts/graphql",
        "http://accounts/graph ql",
        "http://accounts/graph\r\nx: 1",
        "http://accounts/gráfico",
        "http://contas.são-paulo.example/graphql",
        "http://accounts:port/graphql",
        "http://accounts:99999/graphql",
        "http://[::1/graphql",
        "http://[fe80::1%25eth0]/graphql",
        "http:///graphql",
        "http:accounts",
        "ftp://accounts/graphql",
        "not a url",
        "",
    ],
)
def test_what_is_left_to_the_library(url):
    assert plain_address(url) is None


async def carriers_used(**settings):
    """By which carrier a router asks `users` and `reviews`: the library writes names in capitals."""
    async with wire(GOOD) as users, wire(GOOD) as reviews:
        urls = {"users": users.url, "reviews": reviews.url}
        app = create_app(Settings(subgraph_urls=urls, **settings), supergraph_text=SUPERGRAPH)
        for name in urls:
            await app.router.engine.clients[name].send(QUERY)
        await app.router.stop()
        return ["library" if b"\r\nHost: " in there.heads[0] else "plain" for there in (users, reviews)]


@pytest.mark.parametrize(
    ("carriers", "used"),
    [
        ({}, ["plain", "plain"]),
        ({"all": "library"}, ["library", "library"]),
        ({"subgraphs": {"reviews": "library"}}, ["plain", "library"]),
        ({"all": "library", "subgraphs": {"users": "auto"}}, ["plain", "library"]),
    ],
)
async def test_a_subgraph_is_asked_by_the_carrier_that_is_set(carriers, used):
    assert await carriers_used(carriers=carriers) == used
