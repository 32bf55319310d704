"""The page of a real router over the small graph: what only the router itself can tell of an operation."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.graphiql.page_server import serve
from tests.router.auth.test_identity import AUDIENCE, ISSUER
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import SUPERGRAPH, SmallGraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.config.graphiql_settings import GraphiQLSettings
from trevo.config.rates import Rates
from trevo.config.settings import Settings
from trevo.config.shown_plans import ShownPlans
from trevo.main import create_app


@contextlib.contextmanager
def run_router(
    folder: Path, graph: SmallGraph, shown: ShownPlans, *, extra_routes: Any = None, **page: Any
) -> Iterator[str]:
    """The page's address; *folder* is the built page."""
    settings = Settings(
        graphiql=GraphiQLSettings(folder=folder, **page),
        shown_plans=shown,
        issuer=ISSUER,
        audience=AUDIENCE,
        rates=Rates(enabled=False),
    )
    clients = {each.name: InProcessSubgraphClient(each.name, each, each.listen) for each in graph.subgraphs}
    app = create_app(
        settings, supergraph_text=SUPERGRAPH, clients=clients, key_source=publish, extra_routes=extra_routes
    )
    with serve(app) as url:
        yield f"{url}/graphiql"
