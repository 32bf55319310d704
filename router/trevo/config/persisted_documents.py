"""Documents that clients name instead of sending them (`docs/persisted-documents.md`)."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from trevo.config.header_rules import HeaderName


def _off(value: Any) -> Any:
    # YAML reads a bare `off` as a Boolean.
    return "off" if value is False else value


class AutomaticDocumentSettings(BaseModel):
    """Documents that clients make known by sending them once with their hash (automatic persisted queries)."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    enabled: bool = False
    """Off: only what the manifests have can be named."""
    bytes_max: int = Field(32_000_000, gt=0)
    """What they may weigh in the memory of one process. Those that nobody has named since they were made known have a
    quarter of it, so that nobody can push out the others by inventing some."""
    documents_max: int = Field(10_000, gt=0)
    """How many one process keeps."""
    store_url: SecretStr | None = None
    """A Redis or Valkey in which all replicas and workers find them: `redis://…`, `rediss://…`, `unix://…`. None: each
    process knows those that it was sent itself, and does so too while the store is away."""
    store_seconds_max: float = Field(0.2, gt=0)
    """For the store to answer; a slower one counts as away."""
    stored_seconds: int = Field(86_400, gt=0)
    """How long the store keeps one; it is sent again by whoever needs it longer."""


class PersistedDocumentSettings(BaseModel):
    """What can be named, and whether anything else can be sent, for example `ROUTER_PERSISTED_DOCUMENTS__MODE=only`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mode: Annotated[Literal["off", "allow", "prefer", "only"], BeforeValidator(_off)] = "off"
    """`allow`: what the manifests have can be named, everything can be sent. `prefer`: likewise, and the log tells what
    is sent that they do not have, and by which client. `only`: that is refused (`QUERY_NOT_IN_SAFELIST`, 403). `off`:
    there are no manifests."""
    manifests: tuple[Path, ...] = Field((), max_length=20)
    """Files with documents by id: Apollo's persisted query manifest, or a map of ids to texts as Relay's compiler
    writes it. Watched like the supergraph (`supergraph_poll_seconds`); unless all of them can be used, the last ones
    stay."""
    bytes_max: int = Field(16_000_000, gt=0)
    """Of all manifests together."""
    documents_max: int = Field(10_000, gt=0)
    """In all manifests together."""
    warm_seconds_max: float = Field(30.0, ge=0)
    """For the documents of the manifests to be planned: before the router lets anybody in, and before a new supergraph
    takes over. What is not ready by then is planned when it is asked for. 0: nothing is planned ahead."""
    bypass_scopes: frozenset[str] = frozenset()
    """With `only`: whose token has one of these scopes may send any document."""
    bypass_roles: frozenset[str] = frozenset()
    """Likewise for roles, as the token's *roles_claim* has them."""
    roles_claim: str = Field("roles", min_length=1)
    """The claim of a token that holds its roles: words between spaces, or a list."""
    client_name_header: HeaderName = "apollographql-client-name"
    """By which header clients say who they are, for the log of `prefer`."""
    client_version_header: HeaderName = "apollographql-client-version"
    """Likewise for their version."""
    automatic: AutomaticDocumentSettings = Field(default_factory=AutomaticDocumentSettings)
    """Documents that clients make known themselves."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.mode != "off" and not self.manifests:
            raise ValueError(f"with mode '{self.mode}', 'manifests' must name a file")
        if self.mode == "only" and self.automatic.enabled:
            raise ValueError("with mode 'only' clients cannot make documents known: 'automatic.enabled' must be false")
        return self

    @property
    def can_be_named(self) -> bool:
        """Whether there is any document that a client may name."""
        return self.mode != "off" or self.automatic.enabled
