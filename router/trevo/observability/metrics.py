"""
Figures for Prometheus.

Labels come from clients only as operation names, and only the first so many of them: a client that invents names must
not make the router remember them all.
"""

from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram, generate_latest

from trevo.observability.tally import TalliedCounter, TalliedHistogram

OPERATION_NAMES_MAX = 200
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_COSTS = (1, 10, 30, 100, 300, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 100_000)


class Metrics:
    """The figures of one router; each has a registry of its own, so that one process can hold several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = TalliedHistogram(
            "router_request_seconds",
            "Time to answer a GraphQL request.",
            ["operation", "kind", "outcome"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.fetches = TalliedHistogram(
            "router_subgraph_fetch_seconds",
            "Time of one fetch to a subgraph.",
            ["subgraph", "outcome"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.retries = Counter(
            "router_subgraph_retries_total",
            "Fetches that were sent once more because nobody had answered, and whether somebody then did.",
            ["subgraph", "outcome"],
            registry=self.registry,
        )
        self.shared_fetches = Counter(
            "router_shared_fetches_total",
            "Fetches that were not made, because another request's was under way.",
            ["subgraph"],
            registry=self.registry,
        )
        self.shared_queries = Counter(
            "router_shared_queries_total",
            "Queries that waited for the answer to another that was the same.",
            registry=self.registry,
        )
        self.company = TalliedHistogram(
            "router_subgraph_company_seconds",
            "Time that a request which was ready in part waited for the rest; whole, or without what was late.",
            ["subgraph", "went"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.operations = TalliedCounter(
            "router_operation_cache_total",
            "Operations found parsed and planned (hit) or worked out (miss).",
            ["stage", "result"],
            registry=self.registry,
        )
        self.programs = Counter(
            "router_programs_total",
            "Operations that code was written for (written), or why there can be none.",
            ["result"],
            registry=self.registry,
        )
        self.program_runs = TalliedCounter(
            "router_program_runs_total",
            "Requests answered by such code (done), or why it gave up and the interpreter took over.",
            ["outcome"],
            registry=self.registry,
        )
        self.cost_estimated = TalliedHistogram(
            "router_operation_cost_estimated",
            "What requests would cost, told before they run; the refused ones too.",
            buckets=_COSTS,
            registry=self.registry,
        )
        self.cost_actual = TalliedHistogram(
            "router_operation_cost_actual",
            "What answers came to, by the same weights; of a share of them (ROUTER_LIMITS__COST_MEASURED_SHARE).",
            buckets=_COSTS,
            registry=self.registry,
        )
        self.cost_refused = Counter(
            "router_operation_cost_refused_total", "Requests refused for their cost.", ["code"], registry=self.registry
        )
        self.unauthorized_fields = Counter(
            "router_unauthorized_fields_total",
            "Fields that were asked for without permission, and left out (filter) or refused with the rest (reject).",
            ["mode"],
            registry=self.registry,
        )
        self.first_part = Histogram(
            "router_first_part_seconds",
            "Time to run what is wanted at once of an operation with deferred fragments.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.responses_in_parts = Counter(
            "router_responses_in_parts_total",
            "Answers that came in parts, and why they ended.",
            ["reason"],
            registry=self.registry,
        )
        self.in_flight = Gauge("router_requests_in_flight", "Requests being answered.", registry=self.registry)
        self.subscriptions = Gauge("router_subscriptions", "Open subscriptions.", registry=self.registry)
        self.sockets = Gauge("router_web_sockets", "Open web sockets.", ["whose"], registry=self.registry)
        self.subscriptions_ended = Counter(
            "router_subscriptions_ended_total", "Subscriptions that are over.", ["reason"], registry=self.registry
        )
        self.subscriptions_replanned = Counter(
            "router_subscriptions_replanned_total",
            "Subscriptions that went over to a new supergraph, by what became of their subgraph's stream.",
            ["stream"],
            registry=self.registry,
        )
        self.events = Counter("router_subscription_events_total", "Events sent to subscribers.", registry=self.registry)
        self.rate_limited = Counter(
            "router_rate_limited_total", "Operations refused because of a rate.", ["rule"], registry=self.registry
        )
        self.rate_store = Gauge(
            "router_rate_store_up", "Whether the store of rates that replicas share answers.", registry=self.registry
        )
        self.documents = TalliedCounter(
            "router_documents_total",
            "Documents that were named or made known, and texts that were judged.",
            ["what"],
            registry=self.registry,
        )
        self.document_store = Gauge(
            "router_document_store_up",
            "Whether the store of documents that replicas share answers.",
            registry=self.registry,
        )
        self.manifests = Gauge(
            "router_manifest_documents", "Documents in the manifests that are in use.", registry=self.registry
        )
        self.manifest_reloads = Counter(
            "router_manifest_reloads_total", "Reloads of the manifests.", ["result"], registry=self.registry
        )
        self.extension_failures = Counter(
            "router_extension_failures_total",
            "Hooks of extensions that raised or were late.",
            ["extension", "hook"],
            registry=self.registry,
        )
        self.cancelled = Counter(
            "router_requests_cancelled_total", "Requests whose client went away.", registry=self.registry
        )
        self.reloads = Counter(
            "router_supergraph_reloads_total", "Reloads of the supergraph.", ["result"], registry=self.registry
        )
        self.circuits = Enum(
            "router_subgraph_circuit",
            "Whether a subgraph is asked (closed), left alone (open), or being probed (half_open).",
            ["subgraph"],
            states=["closed", "half_open", "open"],
            registry=self.registry,
        )
        self._operation_names: set[str] = set()

    def observe_request(self, operation: str | None, kind: str, outcome: str, seconds: float) -> None:
        self.requests.of(self._operation_label(operation), kind, outcome).observe(seconds)

    def observe_operation(self, stage: str, *, is_known: bool) -> None:
        """Whether the operation, or a plan of it, was found."""
        self.operations.of(stage, "hit" if is_known else "miss").inc()

    def observe_document(self, what: str) -> None:
        self.documents.of(what).inc()

    def observe_program(self, outcome: str) -> None:
        self.program_runs.of(outcome).inc()

    def observe_fetch(self, subgraph: str, seconds: float, outcome: str) -> None:
        self.fetches.of(subgraph, outcome).observe(seconds)

    def observe_retry(self, subgraph: str, has_helped: bool) -> None:
        self.retries.labels(subgraph, "answered" if has_helped else "failed").inc()

    def observe_company(self, subgraph: str, seconds: float, is_whole: bool) -> None:
        self.company.of(subgraph, "whole" if is_whole else "without").observe(seconds)

    def observe_extension_failure(self, extension: str, hook: str) -> None:
        self.extension_failures.labels(extension, hook).inc()

    def observe_circuit(self, subgraph: str, state: str) -> None:
        self.circuits.labels(subgraph).state(state)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)

    def _operation_label(self, name: str | None) -> str:
        if name is None:
            return "anonymous"
        if name in self._operation_names:
            return name
        if len(self._operation_names) < OPERATION_NAMES_MAX:
            self._operation_names.add(name)
            return name
        return "other"
