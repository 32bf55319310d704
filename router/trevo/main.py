"""Puts the router together: an ASGI application (`create_app`) or a process of its own (`serve`)."""

import asyncio
import gc
import signal
from collections.abc import Mapping, Sequence

import structlog
from starlette.middleware.cors import CORSMiddleware

from trevo.auth.keys import KeySource
from trevo.auth.policies import Policy
from trevo.clients.subgraph_client import DEADLINE_HEADER, SubgraphClient
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.door.cross_origin import middleware_options
from trevo.extensions.extension import Extension
from trevo.extensions.plans_in_answers import PLAN_HEADER
from trevo.extensions.request_log import RequestLog
from trevo.gateway.engine import PlanOperation
from trevo.gateway.override_labels import ChooseLabels
from trevo.gateway.router import MakePlanner, Router
from trevo.observability.logging import configure_logging
from trevo.observability.tracing import CORRELATION_HEADER
from trevo.planner import Planner, PlanningLimits
from trevo.rates.rate_stores import RateStore
from trevo.server.app import RouterApp
from trevo.server.console.explanations import explanations
from trevo.server.console.graphiql import graphiql_app
from trevo.server.console.landing_page import landing_page, leading_browsers
from trevo.server.endpoint import GraphQLEndpoint
from trevo.server.health import ReadyCheck, health, ready
from trevo.server.serve import Server, server_config
from trevo.server.websocket import WebSocketEndpoint
from trevo.serving.asgi import ASGIApp
from trevo.serving.metrics_port import metrics_on
from trevo.supergraph import Supergraph

log = structlog.get_logger()


def plan_with_planner(supergraph: Supergraph, limits: Limits) -> PlanOperation:
    """The planner of *supergraph*."""
    return Planner(supergraph, PlanningLimits(seconds_max=limits.planning_seconds_max)).plan


def create_app(
    settings: Settings | None = None,
    *,
    supergraph_text: str | None = None,
    clients: Mapping[str, SubgraphClient] | None = None,
    key_source: KeySource | None = None,
    rate_store: RateStore | None = None,
    policies: Mapping[str, Policy] | None = None,
    override_labels: ChooseLabels | None = None,
    extensions: Sequence[Extension] = (),
    extra_routes: Mapping[str, ASGIApp] | None = None,
    ready_checks: Mapping[str, ReadyCheck] | None = None,
    make_planner: MakePlanner = plan_with_planner,
) -> RouterApp:
    """
    The router as an ASGI application, to be served or mounted in another.

    *extra_routes* are further ASGI applications by path prefix (`{"/oauth": app}`); they win over the router's own,
    and the pages that may call the router may call them.
    What `Router` says of the other arguments and of what it raises holds here.
    """
    settings = settings or Settings()
    router = Router(
        settings,
        supergraph_text=supergraph_text,
        clients=clients,
        key_source=key_source,
        rate_store=rate_store,
        policies=policies,
        override_labels=override_labels,
        extensions=(*extensions, RequestLog()),
        make_planner=make_planner,
    )
    extra = {prefix: _for_pages(app, settings) for prefix, app in (extra_routes or {}).items()}
    sockets: dict[str, ASGIApp] = {
        settings.graphql_path: WebSocketEndpoint(lambda: router.engine, router.service),
    }
    endpoint = _for_pages(GraphQLEndpoint(lambda: router.engine, router.service), settings)
    routes: dict[str, ASGIApp] = {
        settings.graphql_path: endpoint,
        "/health": health,
        "/ready": ready(ready_checks or {}),
    }
    if settings.landing_page:
        routes |= {"/": landing_page(settings), settings.graphql_path: leading_browsers(endpoint, settings)}
    prefixes: dict[str, ASGIApp] = {}
    if settings.graphiql is not None:
        prefixes["/graphiql"] = graphiql_app(settings.graphiql, shows_plans=settings.shown_plans.are_shown)
        if settings.shown_plans.are_shown:
            routes["/graphiql/explain"] = explanations(router)
    if settings.persisted_documents.can_be_named and settings.graphql_path != "/":
        prefixes[settings.graphql_path] = endpoint  # and an id behind it
    routes = {path: app for path, app in routes.items() if path not in extra}
    return RouterApp(router, routes, {**prefixes, **extra}, sockets)


def _for_pages(app: ASGIApp, settings: Settings) -> ASGIApp:
    """*app*, callable from pages of the origins in the settings."""
    if not settings.cors_origins:
        return app
    sent = {*settings.forwarded_headers, *settings.headers.propagated, *settings.csrf.headers}
    if settings.override_labels_header is not None:
        sent.add(settings.override_labels_header)
    if settings.shown_plans.are_shown:
        sent.add(PLAN_HEADER)
    told = (CORRELATION_HEADER,)
    sent |= {*told, DEADLINE_HEADER}
    return CORSMiddleware(app, **middleware_options(settings.cors_origins, settings.cors, sent=sent, read=told))


def serve(settings: Settings) -> None:
    """Run the router until it is told to stop; SIGHUP reloads supergraph and manifests."""
    configure_logging(settings.log_level)
    app = create_app(settings)
    tune_collector()
    asyncio.run(_serve(app, settings))


def tune_collector() -> None:
    """
    Let the collector of garbage have little to do in a process that has loaded all that it keeps.

    What was loaded lives as long as the process: it is not looked through again. And requests that are answered leave
    no cycles behind, so what is young is looked through when much of it has gathered. Fifty large requests at a time
    leave less than that; with half of this bound a sixth of their CPU went there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 10, 20)


async def _serve(app: RouterApp, settings: Settings) -> None:
    stop_seconds_max = int(settings.limits.deadline_seconds)
    config = server_config(app, host=settings.host, port=settings.port, stop_seconds_max=stop_seconds_max)
    reloads: set[asyncio.Task[bool]] = set()

    def on_hangup() -> None:
        for reload in (app.router.reload_manifests(), app.router.reload()):
            task = asyncio.create_task(reload)
            reloads.add(task)
            task.add_done_callback(reloads.discard)

    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, on_hangup)
    with metrics_on(settings.metrics_port, settings.metrics_host, app.router.metrics.registry) as metrics_port:
        log.info("router starts", host=settings.host, port=settings.port, metrics_port=metrics_port)
        await Server(config, app).serve()
