"""
A subgraph over HTTP: `/graphql`, `/health`, `/ready`, and the domain's own routes.

`/graphql` is an ASGI application of its own (`endpoint.py`), since nearly every request is for it; FastAPI has the
rest.
"""

from collections.abc import Awaitable, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Response
from starlette.middleware.cors import CORSMiddleware

from subgraphs.shared.correlation import CORRELATION_HEADER
from subgraphs.shared.endpoint import GraphQLEndpoint
from subgraphs.shared.faults import MaskFaults
from subgraphs.shared.subgraph import Subgraph
from trevo.door.client_address import NOBODY, TrustedProxies
from trevo.door.cross_origin import CorsRules, middleware_options
from trevo.serving.asgi import ASGIApp, Receive, Scope, Send, path_of
from trevo.serving.client_address import ClientAddress
from trevo.serving.response_headers import ResponseHeaders

GRAPHQL_PATH = "/graphql"


def create_http_app(
    subgraph: Subgraph,
    *,
    lifespan: Any = None,
    trusted: TrustedProxies = NOBODY,
    cors_origins: Sequence[str] = (),
    cors: CorsRules | None = None,
) -> ASGIApp:
    """
    The ASGI application of *subgraph*; *trusted* are believed about whom they speak for (the router, proxies).

    Pages of *cors_origins* may call it, under the rules of *cors*.
    """
    app: ASGIApp = _Paths(GraphQLEndpoint(subgraph), _create_routes(subgraph, lifespan))
    if cors_origins:
        told = (CORRELATION_HEADER,)
        app = CORSMiddleware(app, **middleware_options(cors_origins, cors or CorsRules(), sent=told, read=told))
    return _Whole(ResponseHeaders(ClientAddress(app, trusted=trusted)))


class _Whole:
    """*app* as a coroutine function, by which servers tell what kind of application it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class _Paths:
    """`/graphql`, and *routes* for everything else."""

    def __init__(self, graphql: GraphQLEndpoint, routes: FastAPI) -> None:
        self._graphql = graphql
        self._routes = routes
        routes.router.add_route(GRAPHQL_PATH, graphql)  # type: ignore[arg-type]  # where `/graphql/` is sent to

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and path_of(scope) == GRAPHQL_PATH:
            return self._graphql(scope, receive, send)
        return self._routes(scope, receive, send)


def _create_routes(subgraph: Subgraph, lifespan: Any) -> FastAPI:
    """All but `/graphql`; what lives as long as the application does is *lifespan*'s."""
    app = FastAPI(title=f"Peerseed {subgraph.name}", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(MaskFaults)
    for router in (*subgraph.routes, *subgraph.internal_routes):
        app.include_router(router)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok", "subgraph": subgraph.name}

    @app.get("/ready")
    async def ready() -> Response:
        """It can do its work. Without the broker it can, and says that events do not flow."""
        readiness = await subgraph.readiness()
        return Response(orjson.dumps(readiness), 200 if readiness["ready"] else 503, media_type="application/json")

    return app
