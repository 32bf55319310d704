"""Two requests with one text that go to different places: neither has what the other's place said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from tests.router.server.test_override_labels import SUPERGRAPH
from tests.router.small_graph import raw_answer, served
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.config.sharing import Sharing
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import create_app

BOTH = [Sharing(queries=True), Sharing(fetches=True), Sharing(queries=True, fetches=True)]


@dataclass
class Address:
    """Answers its own name as `word`, from when it may."""

    word: str
    origin: str = ""
    requests: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            continue
        self.requests += 1
        self.asked.set()
        await self.may_answer.wait()
        await raw_answer(send, 200, orjson.dumps({"data": {"word": self.word}}))


@asynccontextmanager
async def addresses(*words: str) -> AsyncIterator[list[Address]]:
    first, second = map(Address, words)
    async with served(first) as one, served(second) as other:
        first.origin, second.origin = one.origin, other.origin
        yield [first, second]


@asynccontextmanager
async def a_router(supergraph_text: str, **options: Any) -> AsyncIterator[Router]:
    settings = Settings(rates=Rates(enabled=False), **options.pop("settings"))
    router = create_app(settings, supergraph_text=supergraph_text, **options).router
    yield router
    await router.stop()


def asking(router: Router, **headers: str) -> asyncio.Task[Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.create_task(router.execute(GraphQLRequest("query Word { word }", headers=named)))


async def words_of(*asked: asyncio.Task[Any]) -> list[str]:
    return [result.body["data"]["word"] for result in await asyncio.gather(*asked)]


def shared(router: Router) -> int:
    read = router.metrics.registry.get_sample_value
    fetches = [read("router_shared_fetches_total", {"subgraph": name}) or 0 for name in ("old", "new")]
    return int(sum(fetches) + (read("router_shared_queries_total") or 0))


async def until_shared(router: Router) -> None:
    while not shared(router):  # noqa: ASYNC110  # a figure tells of nobody's event
        await asyncio.sleep(0.002)


async def two_alike(router: Router, address: Address, **headers: str) -> tuple[asyncio.Task[Any], asyncio.Task[Any]]:
    """Who asks *address*, and who asks the same meanwhile and shares it."""
    first = asking(router, **headers)
    await address.asked.wait()
    second = asking(router, **headers)
    await until_shared(router)
    return first, second


def beta_by_header(request):
    return {"beta"} if request.headers.get("x-labels") == "beta" else ()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("sharing", BOTH)
@pytest.mark.parametrize(
    ("settings", "options"),
    [({"override_labels_header": "x-labels"}, {}), ({}, {"override_labels": beta_by_header})],
    ids=["by a header", "by the program"],
)
async def test_who_has_another_override_label_asks_the_other_subgraph(sharing, settings, options):
    """No subgraph is sent the header: but for the label the two are the same."""
    async with addresses("old", "new") as (old, new):
        urls = {"old": f"{old.origin}/graphql", "new": f"{new.origin}/graphql"}
        settings = {**settings, "sharing": sharing, "subgraph_urls": urls}
        async with a_router(SUPERGRAPH.replace("LABEL", "beta"), settings=settings, **options) as router:
            first = asking(router)
            await old.asked.wait()
            second, third = await two_alike(router, new, x_labels="beta")
            old.may_answer.set()
            new.may_answer.set()
            assert await words_of(first, second, third) == ["old", "new", "new"]
            assert (old.requests, new.requests, shared(router)) == (1, 1, 1)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("sharing", BOTH)
async def test_a_share_of_requests_is_drawn_for_each_and_only_those_drawn_alike_share(sharing, monkeypatch):
    drawn = iter([0.9, 0.1, 0.2])
    monkeypatch.setattr("trevo.gateway.override_labels.random.random", lambda: next(drawn))
    async with addresses("old", "new") as (old, new):
        urls = {"old": f"{old.origin}/graphql", "new": f"{new.origin}/graphql"}
        settings = {"sharing": sharing, "subgraph_urls": urls}
        async with a_router(SUPERGRAPH.replace("LABEL", "percent(50)"), settings=settings) as router:
            first = asking(router)
            await old.asked.wait()
            second, third = await two_alike(router, new)
            old.may_answer.set()
            new.may_answer.set()
            assert await words_of(first, second, third) == ["old", "new", "new"]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("sharing", BOTH)
async def test_after_a_reload_that_moves_a_subgraph_nobody_has_what_the_old_address_says(sharing):
    async with addresses("before", "after") as (before, after):
        text = SUPERGRAPH.replace("LABEL", "beta").replace("http://old.invalid", f"{before.origin}/graphql")
        async with a_router(text, settings={"sharing": sharing}) as router:
            first = asking(router)
            await before.asked.wait()
            assert await router.reload(text.replace(before.origin, after.origin))
            second, third = await two_alike(router, after)
            before.may_answer.set()
            after.may_answer.set()
            assert await words_of(first, second, third) == ["before", "after", "after"]
            assert (before.requests, after.requests, shared(router)) == (1, 1, 1)


@pytest.mark.timeout(30)
async def test_after_a_reload_that_moves_nothing_fetches_go_on_being_shared_and_whole_queries_do_not():
    """What a subgraph is asked is the same whichever graph asks; what a query means need not be."""
    for sharing, requests in ((Sharing(fetches=True), 1), (Sharing(queries=True), 2)):
        async with addresses("here", "elsewhere") as (here, elsewhere):
            text = SUPERGRAPH.replace("LABEL", "beta").replace("http://old.invalid", f"{here.origin}/graphql")
            async with a_router(text, settings={"sharing": sharing}) as router:
                first = asking(router)
                await here.asked.wait()
                here.asked.clear()
                assert await router.reload(text.replace("http://new.invalid", f"{elsewhere.origin}/graphql"))
                second = asking(router)
                await (until_shared(router) if requests == 1 else here.asked.wait())
                here.may_answer.set()
                assert await words_of(first, second) == ["here", "here"]
                assert here.requests == requests
