"""What an operator can set, by environment variables with the prefix `ROUTER_` or a file (`load_settings.py`)."""

from pathlib import Path
from typing import Self

from pydantic import Field, IPvAnyNetwork, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from trevo.config.authorization_settings import AuthorizationSettings
from trevo.config.batching import Batching
from trevo.config.carriers import Carriers
from trevo.config.compression import Compression
from trevo.config.csrf import CsrfRule
from trevo.config.extension_settings import ExtensionSettings
from trevo.config.graphiql_settings import GraphiQLSettings
from trevo.config.header_rules import HeaderName, HeaderRules
from trevo.config.issuers import ALGORITHMS, Algorithms, JwksUrl, TokenIssuer
from trevo.config.limits import Limits
from trevo.config.persisted_documents import PersistedDocumentSettings
from trevo.config.rates import Rates
from trevo.config.retries import Retries
from trevo.config.sharing import Sharing
from trevo.config.shown_plans import ShownPlans
from trevo.config.subgraph_tls import SubgraphsTls
from trevo.door.client_address import TrustedProxies
from trevo.door.connections import ConnectionBounds
from trevo.door.cross_origin import CorsRules, Origin, check_origins


class Settings(BaseSettings):
    """
    The router's settings. Nested ones are set by a double underscore: `ROUTER_LIMITS__DEPTH_MAX=20`.

    Lists and maps are JSON: `ROUTER_SUBGRAPH_URLS='{"accounts": "http://accounts:8000/graphql"}'`.
    """

    model_config = SettingsConfigDict(
        env_prefix="ROUTER_",
        env_nested_delimiter="__",
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    # The graph
    supergraph_path: Path | None = None
    """The supergraph file. Watched, unless *supergraph_poll_seconds* is 0."""
    supergraph_poll_seconds: float = Field(2.0, ge=0)
    """How often the file is looked at, and the manifests of *persisted_documents*. 0: never; SIGHUP reloads them all
    the same."""
    subgraph_urls: dict[str, str] = Field(default_factory=dict)
    """Addresses that replace those in the supergraph, by the subgraph's name."""
    active_override_labels: frozenset[str] = frozenset()
    """Labels of progressive overrides that apply to every request; `percent(x)` labels need no setting."""
    override_labels_header: HeaderName | None = None
    """A header in which clients name labels that apply to their request, between commas. None: they have no say."""

    # The server
    host: str = "127.0.0.1"
    """The address that it listens at; `0.0.0.0` for all of the machine's."""
    port: int = Field(4000, ge=0, le=65535)
    """0: any that is free."""
    workers: int = Field(1, ge=1, le=128)
    """Processes that answer on the port; more than one only by `trevo serve`. Each has its share of the bounds, and a
    graph and plans of its own: as much memory as one router again."""
    graphql_path: str = "/graphql"
    """Of the endpoint, for requests and web sockets."""
    graphiql: GraphiQLSettings | None = None
    """The page at /graphiql, for example `ROUTER_GRAPHIQL__FOLDER=graphiql/dist`. None: no such page."""
    landing_page: bool = False
    """Whether `/` says what this is, and a browser at the endpoint is led to GraphiQL: for development."""
    cors_origins: tuple[Origin, ...] = ()
    """Origins whose pages may call the endpoint and what the embedder serves beside it, and open web sockets:
    `["https://app.example.org", "https://*.preview.example.org", "http://localhost:*"]`; `["*"]` for all
    (`docs/pages-of-other-origins.md`)."""
    cors: CorsRules = Field(default_factory=CorsRules)
    """What these pages may send and read, for example `ROUTER_CORS__MAX_AGE_SECONDS=7200`."""
    csrf: CsrfRule = Field(default_factory=CsrfRule)
    """What another site may not make a visitor's browser send."""
    batching: Batching = Field(default_factory=Batching)
    """Several operations in one request, for example `ROUTER_BATCHING__ENABLED=true`."""
    compression: Compression = Field(default_factory=Compression)
    """What is made smaller on its way, for example `ROUTER_COMPRESSION__BYTES_MIN=4096`."""
    introspection: bool = True
    """Off: `__schema` and `__type` are refused, and errors do not suggest names."""
    persisted_documents: PersistedDocumentSettings = Field(default_factory=PersistedDocumentSettings)
    """Documents that clients name instead of sending them."""
    shown_plans: ShownPlans = Field(default_factory=ShownPlans)
    """Who may see how an operation was answered, for example `ROUTER_SHOWN_PLANS__ROLES=["engineer"]`."""
    defer: bool = True
    """Whether fragments with `@defer` are answered later, for clients that take `multipart/mixed`. Off: there is no
    such directive."""
    metrics_port: int | None = Field(None, ge=0, le=65535)
    """Of `/metrics`, which is for those who watch and nobody else. 0: any that is free; None: there is none."""
    metrics_host: str = "127.0.0.1"
    """The address that `/metrics` is served at."""
    log_level: str = "INFO"
    """`DEBUG`, `INFO`, `WARNING` or `ERROR`: what is below is not logged."""

    # Who asks
    trusted_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks whose proxies are believed about whom they speak for in `x-forwarded-for` (`["10.0.0.0/8"]`)."""
    trusted_hops: int = Field(0, ge=0)
    """So many proxies nearest to the router are believed whatever their addresses; where nobody can go round them."""
    jwks_url: JwksUrl | None = None
    """Where token keys are published. Without it (and without a key source from the embedder) tokens are passed on
    to the subgraphs unread."""
    issuer: str | None = None
    """The `iss` that a token must have. None: any."""
    audience: str | None = None
    """The `aud` that a token must have. None: any."""
    algorithms: Algorithms = ALGORITHMS
    """Signatures that are accepted."""
    issuers: tuple[TokenIssuer, ...] = Field((), max_length=50)
    """Several issuers, beside the one above if there is one: `[{"issuer": "https://login.example.org", "jwks_url":
    "https://login.example.org/jwks.json"}]`. Each has its own keys; a token is verified by those of its `iss`."""
    required_scope: str | None = None
    """A scope that every request with a token must have."""
    jwks_cache_seconds: float = Field(3.0, gt=0)
    """A key that its issuer has withdrawn is believed for so long at most; the issuer is asked as often at most."""
    jwks_stale_seconds_max: float = Field(86_400.0, gt=0)
    """How long keys are used while their source does not answer."""
    clock_skew_seconds: float = Field(5.0, ge=0)
    """By how much the issuer's clock may differ from ours."""

    authorization: AuthorizationSettings = Field(default_factory=AuthorizationSettings)
    """What becomes of fields without permission, where the supergraph has rules."""

    # What goes to subgraphs and comes back
    forwarded_headers: tuple[HeaderName, ...] = ("authorization", "accept-language", "user-agent")
    """Headers of the client that subgraphs get. Correlation id and traceparent always go along."""
    headers: HeaderRules = Field(default_factory=HeaderRules)
    """Rules for further headers."""
    carriers: Carriers = Field(default_factory=Carriers)
    """By what means requests to subgraphs are carried, for example `ROUTER_CARRIERS__ALL=library`."""
    retries: Retries = Field(default_factory=Retries)
    """When a subgraph is asked once more, for example `ROUTER_RETRIES__QUERIES=false`."""
    subgraph_tls: SubgraphsTls = Field(default_factory=SubgraphsTls)
    """Whom to believe behind `https://`, and what to show to subgraphs that want to know who asks."""
    sharing: Sharing = Field(default_factory=Sharing)
    """What identical requests in flight share, for example `ROUTER_SHARING__QUERIES=true`."""
    subgraph_error_extensions: frozenset[str] = frozenset({"code", "traceId"})
    """What of a subgraph error's `extensions` the client may read."""

    extensions: ExtensionSettings = Field(default_factory=ExtensionSettings)
    """Code of others on a request's way."""

    limits: Limits = Field(default_factory=Limits)
    rates: Rates = Field(default_factory=Rates)
    connections: ConnectionBounds = Field(default_factory=ConnectionBounds)
    """Bounds on connections, for example `ROUTER_CONNECTIONS__IDLE_SECONDS=75`."""

    @model_validator(mode="after")
    def _issuers_differ(self) -> Self:
        named = [*([] if self.issuer is None else [self.issuer]), *(each.issuer for each in self.issuers)]
        if repeated := sorted({name for name in named if named.count(name) > 1}):
            raise ValueError(f"an issuer is named twice: {', '.join(repeated)}")
        if self.issuers and self.jwks_url is not None and self.issuer is None:
            raise ValueError("with 'issuers', the issuer of 'jwks_url' must be named by 'issuer'")
        return self

    @model_validator(mode="after")
    def _pages_are_meant(self) -> Self:
        check_origins(self.cors_origins, self.cors)
        return self

    @property
    def trusted_proxies(self) -> TrustedProxies:
        return TrustedProxies(self.trusted_networks, self.trusted_hops)
