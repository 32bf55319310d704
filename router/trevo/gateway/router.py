"""
A running router: the current engine, and how it is exchanged for the next.

    file changes / SIGHUP / reload()
        read → load → build planner      in a thread; the old engine goes on answering
        plan what manifests have         within a time
        swap                             one assignment: a request sees either graph, never half of each
        subscriptions go over            each is planned anew, and told why where the new graph does not have it
        retire the old engine            its last request closes what only it used

A file that cannot be used changes nothing: the old graph stays, the log and a metric say why. So it is with manifests
of documents, which are watched likewise.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import structlog

from trevo.auth.identity import make_verifier
from trevo.auth.keys import KeySource
from trevo.auth.policies import Policies, Policy, load_policies
from trevo.clients.guarded_client import GuardedClient
from trevo.clients.http_client import HttpSubgraphClient
from trevo.clients.retrying_client import RetryingClient
from trevo.clients.sharing_client import SharingClient
from trevo.clients.subgraph_client import SubgraphClient
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.config.subgraph_tls import TlsContexts
from trevo.extensions.cost_limit import CostLimit
from trevo.extensions.extension import Extension
from trevo.extensions.extensions import Extensions
from trevo.extensions.judge import judge
from trevo.extensions.load import load_extensions
from trevo.extensions.plans_in_answers import PlansInAnswers
from trevo.extensions.rate_limits import RateLimits
from trevo.extensions.request_figures import RequestFigures
from trevo.extensions.told import NewSupergraph
from trevo.gateway.answer import answer
from trevo.gateway.engine import Engine, PlanOperation
from trevo.gateway.override_labels import ChooseLabels, OverrideLabels
from trevo.gateway.permit import Permissions
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.result import Result
from trevo.gateway.service import Service
from trevo.gateway.shared_answers import SharedAnswers
from trevo.observability.metrics import Metrics
from trevo.observability.tracing import begin_trace, correlation_id
from trevo.persisted.manifest import Manifest, ManifestFault, hash_of
from trevo.rates.rate_stores import RateStore
from trevo.supergraph import Supergraph, SupergraphError, load_supergraph
from trevo.supergraph.public_schema import with_defer

log = structlog.get_logger()

BUSY = 503
"""The status of a refusal that says nothing of what was asked."""
REFUSED_LOGGED_MAX = 10

MakePlanner = Callable[[Supergraph, Limits], PlanOperation]


class Router:
    """
    Answers GraphQL requests over one graph after another.

    *supergraph_text* or `settings.supergraph_path` gives the first graph. *clients* are subgraphs that are not asked
    over HTTP, by name. *key_source* gives the keys of tokens where they do not come from `settings.jwks_url`.
    *rate_store* counts rates where that is not this process's memory.
    *policies* are the callables that `@policy` names, beside those of `settings.authorization.policies`.
    *override_labels* chooses the labels of progressive overrides that hold for a request, beside those of the settings.
    *extensions* are asked after those that `settings.extensions` names.

    Raises SupergraphError if the first graph cannot be used, OSError if its file cannot be read, ValueError if the
    policies, extensions or manifests that the settings name cannot be loaded, or a certificate cannot.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        supergraph_text: str | None = None,
        clients: Mapping[str, SubgraphClient] | None = None,
        key_source: KeySource | None = None,
        rate_store: RateStore | None = None,
        policies: Mapping[str, Policy] | None = None,
        override_labels: ChooseLabels | None = None,
        extensions: Sequence[Extension] = (),
        make_planner: MakePlanner,
    ) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._manifest_marks = self._marks_of_manifests()  # before they are read: what comes meanwhile is seen
        self._is_warm = False
        # In the order in which they are asked.
        self.extensions = Extensions(
            (
                CostLimit(settings.limits, self.metrics),
                RateLimits(settings.rates, self.metrics, rate_store),
                *load_extensions(settings.extensions.load),
                *extensions,
                *([PlansInAnswers(settings.shown_plans)] if settings.shown_plans.are_shown else []),
                RequestFigures(self.metrics),
            ),
            seconds_max=settings.extensions.seconds_max,
            tell=self.metrics.observe_extension_failure,
        )
        named = load_policies(settings.authorization.policies) if settings.authorization.policies else {}
        known = Policies({**named, **(policies or {})}, seconds_max=settings.authorization.policy_seconds_max)
        self.service = Service(
            settings,
            make_verifier(settings, key_source),
            self.metrics,
            extensions=self.extensions,
            permissions=Permissions(settings, known, self.metrics),
            labels=OverrideLabels(settings, override_labels),
        )
        self._given_clients = {name: self._guard(name, client) for name, client in (clients or {}).items()}
        self._tls = TlsContexts(settings.subgraph_tls)
        self._make_planner = make_planner
        self._closing: set[asyncio.Task[None]] = set()
        self._retired: set[Engine] = set()
        """Those with which something is still answered."""
        self._watching: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()
        self._is_from_file = supergraph_text is None
        self._file_mark = mark_of(settings.supergraph_path) if self._is_from_file else None
        self._text = self._read_file() if supergraph_text is None else supergraph_text
        self.supergraph = load_supergraph(self._text)
        self.extensions.on_supergraph(_as_told(self._text, self.supergraph, is_first=True))
        self.engine = self._build(self.supergraph, {})

    async def execute(self, request: GraphQLRequest) -> Result:
        """Answer *request* without HTTP."""
        trace = begin_trace(dict(request.headers))
        token = correlation_id.set(trace.correlation_id)
        try:
            return await answer(self.service.documents.filled(request), trace, self.engine, self.service)
        finally:
            correlation_id.reset(token)

    async def start(self) -> None:
        """Begin to watch the files of supergraph and manifests. Harmless when repeated."""
        is_from_files = self._is_from_file or self._manifest_marks
        if self._watching is None and is_from_files and self.settings.supergraph_poll_seconds:
            self._watching = asyncio.create_task(self._watch())

    async def warm(self) -> None:
        """Plan what the manifests have, within the time that there is for it. Done once."""
        if not self._is_warm:
            self._is_warm = True
            await self._warm(self.engine, self.service.documents.manifest)

    def end_streams(self) -> None:
        """
        End all subscriptions and web sockets, and those that still come.

        A server waits for what is open before it tells an application to shut down; so this comes first.
        """
        self.service.stop()

    async def stop(self) -> None:
        """Give back what is held: the watch and all connections."""
        self.end_streams()
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
        self.engine.retire(lambda: None)
        await asyncio.gather(*self._closing)
        for client in self.engine.clients.values():
            await client.close()
        await self.service.documents.close()
        await self.extensions.close()

    async def reload(self, supergraph_text: str | None = None) -> bool:
        """
        Take up a new supergraph: *supergraph_text*, or what the file holds now.

        True if the router now answers with it. False if it cannot be used: then nothing has changed.
        """
        async with self._reloading:
            try:
                text = await asyncio.to_thread(self._read_file) if supergraph_text is None else supergraph_text
                if text == self._text:
                    return True
                supergraph = await asyncio.to_thread(load_supergraph, text)
                told = _as_told(text, supergraph, is_first=False)
                await judge(told, self.extensions, self.settings.extensions.supergraph_seconds_max)
                engine = await asyncio.to_thread(self._build, supergraph, self.engine.clients)
                await self._warm(engine, self.service.documents.manifest)
            except (SupergraphError, OSError, ValueError) as error:
                return self._keep_old(str(error))
            except Exception as error:
                # A bug of ours; but whatever is wrong, the old graph answers on.
                log.exception("loading a supergraph failed")
                return self._keep_old(repr(error))
            old, self.engine, self.supergraph, self._text = self.engine, engine, supergraph, text
            self._retired.add(old)
            old.retire(lambda: self._forget(old), successor=engine)
            self.metrics.reloads.labels("ok").inc()
            log.info("supergraph reloaded", subgraphs=sorted(engine.clients))
            return True

    async def reload_manifests(self) -> bool:
        """Take up what the manifests have now; False if they cannot be used: then nothing has changed."""
        documents = self.service.documents
        async with self._reloading:
            try:
                manifest = await asyncio.to_thread(documents.read)
            except (ManifestFault, OSError) as error:
                return self._keep_old_manifests(str(error))
            if manifest.texts == documents.manifest.texts:
                return True
            await self._warm(self.engine, manifest)
            documents.take_up(manifest)
        self.metrics.manifest_reloads.labels("ok").inc()
        log.info("manifests reloaded", documents=len(manifest))
        return True

    def _keep_old_manifests(self, reason: str) -> bool:
        log.error("manifests not reloaded; the old ones stay", reason=reason)
        self.metrics.manifest_reloads.labels("refused").inc()
        return False

    async def _warm(self, engine: Engine, manifest: Manifest) -> None:
        """Let *engine* plan what *manifest* has, as much as it keeps, and tell of what it would not answer."""
        seconds_max = self.settings.persisted_documents.warm_seconds_max
        if not seconds_max:
            return
        texts = islice(dict.fromkeys(manifest.texts.values()), self.settings.limits.operations_cached_max)
        refused: list[str] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_max):
                for text in texts:
                    try:
                        refusal = await engine.warm(text)
                    except Exception:  # whatever is wrong with one document, the graph is wanted for the others
                        log.exception("a document of the manifests could not be planned", sha256=hash_of(text))
                        continue
                    # One that nobody had time for is not wrong.
                    if refusal is not None and refusal.status != BUSY:
                        refused.append(f"{hash_of(text)}: {refusal}")
        if refused:
            first = refused[:REFUSED_LOGGED_MAX]
            log.warning("the graph does not answer documents of the manifests", count=len(refused), first=first)

    def _keep_old(self, reason: str) -> bool:
        log.error("supergraph not reloaded; the old one stays", reason=reason)
        self.metrics.reloads.labels("refused").inc()
        return False

    def _read_file(self) -> str:
        return read_supergraph(self.settings.supergraph_path)

    def _build(self, supergraph: Supergraph, old_clients: Mapping[str, SubgraphClient]) -> Engine:
        self._warn_of_closed_doors(supergraph)
        limits = self.settings.limits
        seconds = min(limits.planning_at_first_seconds_max, limits.planning_seconds_max)
        over_http = frozenset(supergraph.subgraphs).difference(self._given_clients)
        schema = supergraph.public_schema
        return Engine(
            with_defer(schema) if self.settings.defer else schema,
            self._make_planner(supergraph, limits),
            plan_at_first=self._make_planner(supergraph, limits.model_copy(update={"planning_seconds_max": seconds})),
            clients=self._clients_of(supergraph, old_clients),
            limits=limits,
            metrics=self.metrics,
            cost_rules=supergraph.cost_rules,
            authorization=supergraph.authorization,
            cache_rules=supergraph.cache_rules,
            introspection=self.settings.introspection,
            override_labels=supergraph.override_labels,
            shared=SharedAnswers(self.settings.sharing, over_http, self.metrics),
        )

    def _warn_of_closed_doors(self, supergraph: Supergraph) -> None:
        """Rules that nobody can satisfy are kept all the same; somebody has forgotten something."""
        rules = supergraph.authorization
        if rules and self.service.verifier is None:
            log.warning("the supergraph has rules about who may ask, but tokens are not verified: all are anonymous")
        if missing := self.service.permissions.policies.missing(rules.policies):
            log.warning("the supergraph names policies that nobody answers for: they say no", policies=sorted(missing))

    def _clients_of(
        self, supergraph: Supergraph, old_clients: Mapping[str, SubgraphClient]
    ) -> Mapping[str, SubgraphClient]:
        clients: dict[str, SubgraphClient] = {}
        for name, listed_url in supergraph.subgraphs.items():
            if name in self._given_clients:
                clients[name] = self._given_clients[name]
                continue
            url = self.settings.subgraph_urls.get(name, listed_url)
            old = old_clients.get(name)
            clients[name] = old if old is not None and _asks_at(old, url) else self._client_at(name, url)
        return clients

    def _client_at(self, name: str, url: str) -> SubgraphClient:
        settings = self.settings
        asking: SubgraphClient = HttpSubgraphClient(
            name, url, settings.limits, settings.carriers.of(name), self._tls.of(name)
        )
        if settings.retries.of(name):
            asking = RetryingClient(asking, settings.retries, tell=partial(self.metrics.observe_retry, name))
        client = self._guard(name, asking)
        if not settings.sharing.of(name):
            return client
        return SharingClient(
            name,
            client,
            across_addresses=settings.sharing.across_addresses,
            on_share=self.metrics.shared_fetches.labels(name).inc,
        )

    def _guard(self, name: str, client: SubgraphClient) -> GuardedClient:
        return GuardedClient(name, client, self.settings.limits, tell=self.metrics.observe_circuit)

    def _forget(self, old: Engine) -> None:
        """Close what only *old* used."""
        self._retired.discard(old)
        used = (client for engine in (self.engine, *self._retired) for client in engine.clients.values())
        kept = (*used, *self._given_clients.values())
        for client in old.clients.values():
            if not any(client is each for each in kept):
                task = asyncio.create_task(client.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    async def _watch(self) -> None:
        path = self.settings.supergraph_path if self._is_from_file else None
        while True:
            await asyncio.sleep(self.settings.supergraph_poll_seconds)
            marks = await asyncio.to_thread(self._marks_of_manifests)
            # A file that is gone for a moment is being replaced. New documents first: a new graph is warmed with them.
            if None not in marks and marks != self._manifest_marks:
                self._manifest_marks = marks
                await self.reload_manifests()
            mark = await asyncio.to_thread(mark_of, path)
            if mark is not None and mark != self._file_mark:
                self._file_mark = mark
                await self.reload()

    def _marks_of_manifests(self) -> tuple[tuple[int, int, int] | None, ...]:
        settings = self.settings.persisted_documents
        return () if settings.mode == "off" else tuple(map(mark_of, settings.manifests))


def _as_told(text: str, supergraph: Supergraph, *, is_first: bool) -> NewSupergraph:
    return NewSupergraph(text, supergraph.public_schema, MappingProxyType(dict(supergraph.subgraphs)), is_first)


def _asks_at(client: SubgraphClient, url: str) -> bool:
    while isinstance(client, (SharingClient, GuardedClient, RetryingClient)):
        client = client.client
    return isinstance(client, HttpSubgraphClient) and client.url == url


def read_supergraph(path: Path | None) -> str:
    """The text of the file at *path*. Raises ValueError where none is named, OSError where it cannot be read."""
    if path is None:
        raise ValueError("Name the supergraph file: ROUTER_SUPERGRAPH_PATH, or --supergraph.")
    return path.read_text("utf-8")


def mark_of(path: Path | None) -> tuple[int, int, int] | None:
    """What changes when a file is written or replaced."""
    try:
        status = os.stat(path) if path is not None else None  # noqa: PTH116  # one call, also for None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status else None
