"""A router over real HTTP whose subgraph answers when all who are awaited have come, or wait for another's answer."""

import asyncio
from contextlib import asynccontextmanager

import orjson

from tests.router.small_graph import SUPERGRAPH, SmallGraph, http_app, served
from trevo.clients.sharing_client import OF_ONE_REQUEST
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.main import create_app

QUERY = "query Mine { me { id name } }"
OF_CARRIERS = {"host", "content-length", "content-type", "accept", "accept-encoding"}


def ask(query=QUERY, operation_name=None, variables=None, address="203.0.113.1", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return GraphQLRequest(query, operation_name, variables or {}, named, address)


class Users:
    """The subgraph `users`: what it was told is the answer's `name`, so that everyone sees whose answer they have."""

    def __init__(self, graph):
        graph.users.fault = self.answer
        self.came = []
        self.expected = 1
        self.router = None
        self.error = None

    @property
    def shared(self):
        read = self.router.metrics.registry.get_sample_value
        fetches = read("router_shared_fetches_total", {"subgraph": "users"}) or 0
        return int(fetches + read("router_shared_queries_total"))

    async def until_all_are_there(self):
        async with asyncio.timeout(30):
            while len(self.came) + self.shared < self.expected:  # noqa: ASYNC110  # a figure tells of nobody's event
                await asyncio.sleep(0.002)

    async def answer(self, request):
        self.came.append(request)
        told = {name: value for name, value in request.headers.items() if name not in OF_CARRIERS | OF_ONE_REQUEST}
        name = orjson.dumps([told, request.variables], option=orjson.OPT_SORT_KEYS).decode()
        await self.until_all_are_there()
        body = {"data": {key: {"__typename": "User", "id": "u1", "name": name} for key in ("me", "user")}}
        if self.error is not None:
            body["errors"] = [self.error(request)]
        return body


@asynccontextmanager
async def sharing(users_of=Users, supergraph_text=SUPERGRAPH, options=None, **settings):
    graph = SmallGraph()
    users = users_of(graph)
    async with served(http_app(graph.users)) as there:
        made = Settings(subgraph_urls={"users": f"{there.origin}/graphql"}, rates=Rates(enabled=False), **settings)
        users.app = create_app(made, supergraph_text=supergraph_text, **(options or {}))
        users.router = users.app.router
        yield users
        await users.router.stop()


async def at_once(users, *requests):
    """The bodies of the answers; the second is asked when the first has come to the subgraph, and so on."""
    users.expected = len(users.came) + users.shared + len(requests)
    asked = []
    for number, request in enumerate(requests):
        before = len(users.came) + users.shared
        asked.append(asyncio.create_task(users.router.execute(request)))
        while len(users.came) + users.shared == before and not asked[-1].done():  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.002)
        assert not asked[-1].done() or number == len(requests) - 1, asked[-1].result().body
    return [result.body for result in await asyncio.gather(*asked)]


def told_in(body):
    """What the subgraph was told for the answer *body*."""
    (user,) = body["data"].values()
    return orjson.loads(user["name"])
