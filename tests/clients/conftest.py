"""A running product on whose stage the clients from npm play: Marina has money, and an offering is open."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from graphql import print_schema

from builds import clients
from builds.node import Node, NodeFailed, find_node, install_packages
from builds.operations import SCHEMA, load
from launch.home import Home
from launch.people import DEMO_PASSWORD
from story import credit, people
from story.client import Client
from story.funding import PHRASE
from story.narrator import Narrator
from tests.fixtures.product import Product, running
from tests.graphiql.browser import find_chromium
from trevo.supergraph.public_schema import with_defer

NPM = Path(__file__).with_name("npm")

Where = Literal["InNode", "InPage"]
"""Run by Node, or in a page of Chromium that is of another origin than the product."""

MARINA = "marina@demo.peerseed.example"


@dataclass(frozen=True)
class Stage:
    """What a client's script is told of the product, and how it is run."""

    node: Node
    home: Home
    graphql: str
    offering_id: str
    relay: Path
    """What relay-compiler made of the documents in `npm/relay`."""

    async def run(self, script: str, *arguments: str, where: Where = "InNode") -> Any:
        """What *script* says at its end. A client that warns of anything on its way has failed."""
        command = (f"{script}.mjs", *arguments) if where == "InNode" else ("chromium.mjs", script)
        order = {
            "graphql": self.graphql,
            "email": MARINA,
            "password": DEMO_PASSWORD,
            "offeringId": self.offering_id,
            "phrase": PHRASE,
            "key": f"from-{script}-{where}",
            "where": where,
            "relay": str(self.relay),
        }
        if where == "InPage":
            order["chromium"] = find_chromium()
        done = await asyncio.to_thread(self.node.run, *command, folder=NPM, stdin=json.dumps(order))
        assert done.exit_code == 0, done.everything
        assert done.complained == ""
        return json.loads(done.printed)


@pytest_asyncio.fixture(scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """
    Documents of Relay's and of the product's can be named there; others once they were sent; batches are taken.

    The pages of a host that is not the product's may call it.
    """
    node = _node_with_packages()
    relay = _compiled(node, tmp_path_factory.mktemp("relay"))
    folder = tmp_path_factory.mktemp("clients")
    manifests = [SCHEMA / "persisted" / "apollo.json", SCHEMA / "persisted" / "relay.json", relay / "persisted.json"]
    settings = {
        "CORS_ORIGINS": json.dumps(["http://localhost:*"]),
        "ROUTER_BATCHING__ENABLED": "true",
        "ROUTER_PERSISTED_DOCUMENTS__AUTOMATIC__ENABLED": "true",
        "ROUTER_PERSISTED_DOCUMENTS__MANIFESTS": json.dumps([str(path) for path in manifests]),
    }
    async with running(Product(folder, settings=settings)) as addresses:
        client, narrator = Client(addresses), Narrator()
        try:
            cast = await people.demo_cast(client, narrator)
            marina = cast.investors[0]
            await people.deposit(client, narrator, marina, "5000.00")
            await client.until("Marina being told of her deposit", lambda: _inbox(client, marina.token))
            request_id = await credit.ask_for_credit(client, narrator, cast.farmer, amount="10000.00")
            await credit.approve(client, narrator, cast.analyst, request_id)
            cpr = await credit.sign_and_register(client, narrator, cast.farmer)
        finally:
            await client.close()
        yield Stage(node, Home(folder), addresses.graphql, cpr["offering"]["id"], relay)


@pytest.fixture(scope="session")
def web_client() -> Node:
    """The Node that has just made clients/web, as `make clients` does."""
    node = _node_with_packages()
    clients.build_web(node, load())
    return node


async def _inbox(client: Client, token: str) -> list[Any]:
    answer = await client.graphql("{ me { notifications(first: 1) { nodes { id } } } }", token=token)
    nodes: list[Any] = answer["me"]["notifications"]["nodes"]
    return nodes


def _node_with_packages() -> Node:
    """Node with the clients installed; without, the tests are skipped, or fail where nothing may be."""
    try:
        node = find_node()
        install_packages(node, NPM)
    except NodeFailed as failure:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"nothing may be left out here, but {failure}")
        pytest.skip(f"CLIENTS NOT TRIED: {failure}")
    return node


def _compiled(node: Node, folder: Path) -> Path:
    """What relay-compiler makes of our Relay documents and the graph, as it does on a web developer's machine."""
    shutil.copytree(NPM / "relay", folder, dirs_exist_ok=True)
    (folder / "schema.graphql").write_text(print_schema(with_defer(load().public_schema)))
    (folder / "artifacts").mkdir()
    (folder / "persisted.json").write_text("{}")
    done = node.run(str(NPM / "node_modules" / "relay-compiler" / "cli.js"), "relay.config.json", folder=folder)
    assert done.exit_code == 0, done.everything
    return folder
