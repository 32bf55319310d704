"""A router with extensions, asked in process."""

from contextlib import asynccontextmanager

from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.settings import Settings
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router
from trevo.main import plan_with_planner


@asynccontextmanager
async def routing(*extensions, graph=None, settings=None, supergraph_text=SUPERGRAPH):
    graph = graph or SmallGraph()
    clients = {each.name: InProcessSubgraphClient(each.name, each, each.listen) for each in graph.subgraphs}
    router = Router(
        settings or Settings(),
        supergraph_text=supergraph_text,
        clients=clients,
        extensions=extensions,
        make_planner=plan_with_planner,
    )
    try:
        yield router
    finally:
        await router.stop()


async def ask(router, query, **given):
    return await router.execute(GraphQLRequest(query, **given))


def failures(router):
    """How often which hook of which extension has failed."""
    return {
        (sample.labels["extension"], sample.labels["hook"]): sample.value
        for sample in router.metrics.extension_failures.collect()[0].samples
        if sample.name.endswith("_total")
    }
