"""A request goes through the files of the router in the order in which the documentation has them."""

import re
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from types import FrameType
from typing import Any

import aiohttp

from tests.router.gateway.test_one_way_down import NO_QUESTIONS
from tests.router.small_graph import SUPERGRAPH, SmallGraph, http_app, served
from tests.router.test_floors import PACKAGE
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.main import create_app

TEXT = (PACKAGE.parent / "docs" / "how-a-request-runs.md").read_text(encoding="utf-8")
WAY = re.findall(r"^\| `([a-z_/]+\.py)` \|", TEXT, re.MULTILINE)


@contextmanager
def files_entered() -> Iterator[dict[str, None]]:
    """The files of the router whose functions are called, in the order in which they first are."""
    entered: dict[str, None] = {}

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(inside) and frame.f_code.co_name not in NO_QUESTIONS:
            entered[path.removeprefix(inside)] = None

    inside = f"{PACKAGE}/"
    sys.setprofile(note)
    try:
        yield entered
    finally:
        sys.setprofile(None)


async def test_a_request_goes_the_documented_way() -> None:
    graph = SmallGraph()
    async with AsyncExitStack() as stack:
        there = {each.name: await stack.enter_async_context(served(http_app(each))) for each in graph.subgraphs}
        urls = {name: f"{server.origin}/graphql" for name, server in there.items()}
        settings = Settings(subgraph_urls=urls, limits=Limits(compile_after_uses=1))
        app = create_app(settings, supergraph_text=SUPERGRAPH)
        router = await stack.enter_async_context(served(app))
        http = await stack.enter_async_context(aiohttp.ClientSession())

        async def ask() -> Any:
            query = {"query": "{ me { name reviews { body } } }"}
            async with http.post(f"{router.origin}/graphql", json=query) as response:
                return await response.json()

        await ask()
        with files_entered() as files:
            assert await ask() == {"data": {"me": {"name": "Ada", "reviews": [{"body": "good"}, {"body": "fine"}]}}}
    assert len(WAY) == len(set(WAY)) > 10
    assert [file for file in files if file in WAY] == WAY
