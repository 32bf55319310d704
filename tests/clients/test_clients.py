"""
What the usual clients see of the running product, run by Node and in a page of another origin in Chromium.

Each signs in, lists offerings, buys two quotas, asks the same again, sees what is left of the offering, and is told.
What a client finds odd it says on its way: `Stage.run` lets none of them complain.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import get_args

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from builds import clients
from builds.node import Node
from launch.databases import DOMAINS
from launch.people import DEMO_PASSWORD
from launch.services import make_all_subgraphs
from story.funding import PHRASE
from subgraphs.shared.http import create_http_app
from tests.builders.serving import served
from tests.clients.conftest import MARINA, Stage, Where
from tests.fixtures.product import settings_of

pytestmark = pytest.mark.timeout(300)  # of which one, now and then, waits for the product's start

BOUGHT = {"type": "Investment", "quotas": 2, "isSameAgain": True}
TOLD = "Investimento confirmado"

EVERYWHERE = pytest.mark.parametrize("where", get_args(Where))


@EVERYWHERE
async def test_apollo_client(stage: Stage, where: Where) -> None:
    assert await stage.run("apollo", where=where) == {
        # A mutation that nobody ships is sent as text once; what is shipped never is.
        "sent": {
            "POST id": 3,
            "POST text": 1,
            "GET id": 2,
            "GET id, in parts": 1,
            "POST text, in parts": 2,
            "POST text, 2 together": 1,
        },
        "bought": BOUGHT,
        "leftInCache": [-2, -2],
        "told": TOLD,
        "homes": ["Marina C. BRL", "Marina C. BRL"],
        "together": {"who": "Marina C.", "left": -2},
    }


@EVERYWHERE
async def test_urql_with_graphcache(stage: Stage, where: Where) -> None:
    assert await stage.run("urql", where=where) == {
        "sent": {"POST id": 3, "POST text": 1, "GET id": 3, "GET text, in parts": 1},
        "bought": BOUGHT,
        "leftInCache": [-2, -2],
        "told": TOLD,
        "home": "Marina C. BRL",
    }


@EVERYWHERE
async def test_relay(stage: Stage, where: Where) -> None:
    assert await stage.run("relay", where=where) == {
        "sent": {"POST id": 5, "POST id, in parts": 2},
        "deferredAt": ["market_offerings$defer$promise offerings.nodes.0"] * 2,
        "promise": {"crop": "SOY", "farmer": "Sérgio A."},
        "bought": BOUGHT,
        "takenByNode": 2,
        "leftInStore": [-2, -2],
        "told": TOLD,
    }


@EVERYWHERE
async def test_graphql_request(stage: Stage, where: Where) -> None:
    assert await stage.run("graphql-request", where=where) == {
        "sent": {"POST id": 4, "GET text": 2, "POST text, 2 together": 1},
        "bought": BOUGHT,
        "left": -2,
        "together": {"who": "Marina C.", "left": -2},
        "refused": [400, "GRAPHQL_VALIDATION_FAILED"],
    }


@EVERYWHERE
async def test_graphql_ws(stage: Stage, where: Where) -> None:
    assert await stage.run("graphql-ws", where=where) == {
        "connections": 1,
        "bought": BOUGHT,
        "left": -2,
        "told": TOLD,
        "refused": "GRAPHQL_VALIDATION_FAILED",
    }


@EVERYWHERE
async def test_graphql_sse(stage: Stage, where: Where) -> None:
    assert await stage.run("graphql-sse", where=where) == {
        "bought": BOUGHT,
        "left": -2,
        "told": TOLD,
        "isToldAgain": True,
    }


@pytest.mark.usefixtures("web_client")
async def test_the_example_for_the_web_on_a_bad_network(stage: Stage) -> None:
    assert await stage.run("web") == {
        "who": "Marina C.",
        "sent": {
            "POST /oauth/token": 2,  # once for both who ask when the token has run out
            "GET InvestorHome": 1,
            "POST Marketplace": 3,
            "POST Notifications": 2,
            "POST Invest": 3,  # the first answer was lost
        },
        "lostAnswers": 1,
        "bought": BOUGHT,
        "left": -2,
        "told": [TOLD, TOLD, TOLD],
        "isWhatOthersWereTold": [True, True],
    }


@pytest.mark.usefixtures("web_client")
async def test_the_example_for_the_web_in_a_page(stage: Stage) -> None:
    assert await stage.run("investor", where="InPage") == {"bought": BOUGHT, "left": -2, "told": TOLD}


async def test_the_example_for_the_web_is_a_program(stage: Stage, web_client: Node) -> None:
    origin = stage.graphql.removesuffix("/graphql")
    arguments = ("dist/example.js", origin, MARINA, DEMO_PASSWORD)
    done = await asyncio.to_thread(web_client.run, *arguments, folder=clients.WEB)
    assert (done.exit_code, done.complained) == (0, "")
    offering, phrase, bought, *_, told = done.printed.splitlines()
    assert offering.startswith("SOY in MT: ")
    assert PHRASE in phrase
    assert (bought, told) == ("1 quota for 100.00 BRL", TOLD)


AUDITED = {"passed": 61, "failed": []}


async def test_the_graph_passes_the_audit_of_graphql_over_http(stage: Stage) -> None:
    assert await stage.run("audit", stage.graphql) == {stage.graphql: AUDITED}


async def test_so_does_each_subgraph_at_its_own_endpoint(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made here, over the data of the product that runs, and without its jobs."""
    for name, value in (await settings_of(stage.home)).items():
        monkeypatch.setenv(name, value)
    async with AsyncExitStack() as until_closed:
        subgraphs = make_all_subgraphs(DOMAINS)
        for subgraph in subgraphs.values():
            until_closed.push_async_callback(subgraph.close)
        apps = Starlette(routes=[Mount(f"/{name}", create_http_app(it)) for name, it in subgraphs.items()])
        address = await until_closed.enter_async_context(served(lambda _: apps))
        endpoints = [f"{address}/{name}/graphql" for name in DOMAINS]
        assert await stage.run("audit", *endpoints) == dict.fromkeys(endpoints, AUDITED)
