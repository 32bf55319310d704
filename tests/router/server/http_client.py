"""A real client, and a real server for it to talk to."""

from contextlib import asynccontextmanager

import aiohttp
import orjson

from tests.router.small_graph import SUPERGRAPH, SmallGraph, served
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.main import create_app

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"


class Client(aiohttp.ClientSession):
    """A client that knows whom it talks to."""

    ATTRS = aiohttp.ClientSession.ATTRS | {"router"}


@asynccontextmanager
async def serving(settings=None, graph=None, supergraph_text=SUPERGRAPH, *, over_http=(), **options):
    """A router of *graph*; subgraphs named *over_http* are asked at the address that the supergraph has."""
    graph = graph or SmallGraph()
    clients = {
        subgraph.name: InProcessSubgraphClient(subgraph.name, subgraph, subgraph.listen)
        for subgraph in graph.subgraphs
        if subgraph.name not in over_http
    }
    # A test asks more in a second than a town does; those about rates say theirs.
    settings = settings or Settings(rates=Rates(enabled=False))
    app = create_app(settings, supergraph_text=supergraph_text, clients=clients, **options)
    # What is packed for its way is asked for by the tests of that.
    as_it_is = {"accept-encoding": "identity"}
    async with served(app) as there, Client(there.origin, headers=as_it_is, auto_decompress=False) as session:
        session.router = app.router
        yield session


async def post(http, body, *, accept=None, content_type=JSON, **headers):
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    sent = {"content-type": content_type, **headers} | ({"accept": accept} if accept is not None else {})
    async with http.post("/graphql", data=data, headers=sent) as response:
        return response.status, response.headers, orjson.loads(await response.read() or b"null")


async def get(http, *, accept=None, **parameters):
    sent = {"accept": accept} if accept is not None else {}
    async with http.get("/graphql", params=parameters, headers=sent) as response:
        return response.status, response.headers, orjson.loads(await response.read() or b"null")


def code_of(body):
    return body["errors"][0]["extensions"]["code"]
