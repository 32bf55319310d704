"""Settings every subgraph shares; a domain's `core/settings.py` adds its own."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, IPvAnyNetwork, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from trevo.door.client_address import TrustedProxies
from trevo.door.connections import ConnectionBounds
from trevo.door.cross_origin import CorsRules, Origin, check_origins

SANDBOXES = "PEERSEED_SANDBOXES"
CLOCK = "PEERSEED_CLOCK"

OUTBOX_KEPT_DAYS = 30
"""Long enough to find out that a queue was lost, and to look up what was said when."""


class IdentitySettings(BaseSettings):
    """What a service must know to verify access tokens by itself."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore")

    token_issuer: str = "https://accounts.peerseed.example"  # noqa: S105  # an address, not a secret
    token_audience: str = "peerseed"  # noqa: S105  # a name, not a secret
    jwks_url: str = "http://127.0.0.1:4001/.well-known/jwks.json"
    introspection_url: str = "http://127.0.0.1:4001/oauth/introspect"
    """Asked whether a token is still good where money would leave and accounts' facts are late."""
    standing_seconds_max: float = Field(30.0, ge=0)
    """Accounts' facts are late when the last heartbeat is older. Several of its beats, which come every 5 s."""


class EventSettings(BaseSettings):
    """What all domains of a process do alike with what they have told."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore")

    outbox_kept_days: int = Field(default=OUTBOX_KEPT_DAYS, ge=1)
    """Days for which a sent event can be looked up, and published again to a queue that was lost."""


class ClockSettings(BaseSettings):
    """By which time a process works; read with no domain's prefix, as all processes of a product share it."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore")

    sandboxes: bool = Field(False, validation_alias=SANDBOXES.lower())
    clock: Path | None = Field(None, validation_alias=CLOCK.lower())
    """Says how many seconds the product's clock is ahead of the machine's, for trials where nothing is real. One file
    for all processes; it need not exist yet."""


class DoorSettings(BaseModel):
    """What one GraphQL request may ask of a subgraph (`subgraphs.shared.graphql.door`)."""

    query_characters_max: int = 200_000
    """`QUERY_TOO_LONG`."""
    query_tokens_max: int = 8_000
    """Lexical tokens of the document (`QUERY_TOO_MANY_TOKENS`): twice what the router takes, as it adds keys."""
    query_depth_max: int = 30
    """Levels of fields, fragments expanded (`QUERY_TOO_DEEP`)."""
    query_value_depth_max: int = 20
    """Levels of lists and objects in an argument (`VALUE_TOO_DEEP`)."""
    query_root_fields_max: int = 100
    """`QUERY_TOO_MANY_ROOT_FIELDS`."""
    query_aliases_max: int = 1_000
    """Fragments expanded (`QUERY_TOO_MANY_ALIASES`). A router adds aliases of its own to a client's."""
    query_introspection_aliases_max: int = 4
    """At and below `__schema` and `__type` (`QUERY_TOO_MANY_ALIASES`)."""
    query_directives_max: int = 1_000
    """Of the whole document (`QUERY_TOO_MANY_DIRECTIVES`)."""
    query_fields_max: int = 6_000
    """Selected fields, fragments expanded (`QUERY_TOO_LARGE`)."""
    query_comparisons_max: int = 20_000
    """Of repeated fields with each other, which grows by their square (`QUERY_TOO_COMPLEX`). A router repeats few."""
    query_conditions_max: int = 40
    """Different variables in `@skip` and `@include` (`QUERY_TOO_MANY_CONDITIONS`)."""
    query_name_characters_max: int = 500
    """Of an alias, which each object of an answer may repeat (`NAME_TOO_LONG`). A router makes a client's longer."""
    query_cost_max: float = 8_000.0
    """The estimated cost of all root fields together but `_entities` (`COST_ESTIMATED_TOO_EXPENSIVE`)."""
    entities_cost_max: float = 16_000.0
    """The estimated cost of all `_entities` of a request together: representations times selection
    (`COST_ESTIMATED_TOO_EXPENSIVE`). The figure is known here, so it may be higher than a router's estimate."""
    list_size_assumed: int = 10
    """Items of a list of which neither the schema (`@listSize`) nor the request says how many there will be."""
    documents_cached_max: int = 1_000
    """Documents kept parsed, validated and priced."""
    documents_cached_bytes_max: int = 64_000_000
    """What they may weigh in memory."""


class PeopleSettings(BaseSettings):
    """What a service must know to ask accounts who somebody is; mixed into the settings of those that ask."""

    people_url: str = Field("http://127.0.0.1:4001/internal/people", validation_alias="people_url")
    """Accounts' door for the other services: `PEOPLE_URL`, the same for all of them."""
    people_secret: SecretStr = Field(min_length=16)
    """Shared with accounts, and this service's alone: signs its questions."""


class SubgraphSettings(DoorSettings, BaseSettings):
    """
    Read from the environment with the domain's prefix: `WALLET_DATABASE_URL`, `WALLET_PORT`, …

    Each domain subclasses it with `env_prefix`.
    """

    model_config = SettingsConfigDict(extra="ignore")

    sandboxes: bool = Field(False, validation_alias=SANDBOXES.lower())
    """Whether sandboxes of ours may stand in for the parties that no setting names: for development and trials only."""
    database_url: SecretStr
    database_pool_size: int = 5
    """Connections kept for business transactions, and as many for looks; in busy moments five more of each."""
    connections_waiting_max: int = 1_000
    """Looks, or transactions, that wait for a connection; one more is told at once that this part is not available."""
    row_waiting_max: int = 100
    """Requests that wait for one row that many want, such as an offering's; one more is told at once to try again."""
    representations_max: int = 1_000
    """More entities than this in one `_entities` call are refused. The router must be told, so that it asks in parts:
    `launch/` tells it; elsewhere `ROUTER_LIMITS__SUBGRAPHS` does."""
    request_bytes_max: int = 1_000_000
    """A longer request is refused (413), read no further than this."""
    deadline_seconds: float = 15.0
    """Longest a GraphQL request may take here; the caller's own deadline may shorten it."""


class PortSettings(BaseSettings):
    """What a subgraph's process listens on, whatever its domain: `HOST`, `PORT`, `TRUSTED_NETWORKS`, …"""

    model_config = SettingsConfigDict(env_prefix="", env_nested_delimiter="__", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(4001, ge=0, le=65535)
    trusted_networks: tuple[IPvAnyNetwork, ...] = ()
    """Networks of the router, and of proxies, that are believed about whom they speak for in `x-forwarded-for`."""
    trusted_hops: int = Field(0, ge=0)
    """So many of them, nearest to the subgraph, are believed whatever their addresses; where nobody goes round them."""

    metrics_port: int | None = Field(None, ge=0, le=65535)
    """Of `/metrics`, which is for those who watch and nobody else. 0: any that is free; None: there is none."""
    metrics_host: str = "127.0.0.1"
    connections: ConnectionBounds = Field(default_factory=ConnectionBounds)
    """Bounds on connections, for example `CONNECTIONS__IDLE_SECONDS=75`."""

    cors_origins: tuple[Origin, ...] = ()
    """Origins whose pages may call the domain's own routes: as `ROUTER_CORS_ORIGINS`."""
    cors: CorsRules = Field(default_factory=CorsRules)
    """What these pages may send and read: as `ROUTER_CORS`."""

    @model_validator(mode="after")
    def _pages_are_meant(self) -> Self:
        check_origins(self.cors_origins, self.cors)
        return self

    @property
    def trusted_proxies(self) -> TrustedProxies:
        return TrustedProxies(self.trusted_networks, self.trusted_hops)
