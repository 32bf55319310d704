"""Contracts, put together."""

from subgraphs.contracts.api.http import REGISTRY_PATH, SIGNATURE_PATH, build_routes
from subgraphs.contracts.api.jobs import build_jobs
from subgraphs.contracts.api.own_data import OWN_DATA
from subgraphs.contracts.api.reactions import build_reactions
from subgraphs.contracts.api.schema import schema
from subgraphs.contracts.core.services import Services
from subgraphs.contracts.core.settings import ContractsSettings
from subgraphs.contracts.domain.audit import AUDIT_LOG
from subgraphs.contracts.models import Party
from subgraphs.contracts.ports.registry import Registry
from subgraphs.contracts.ports.sandbox_registry import SandboxRegistry
from subgraphs.contracts.ports.sandbox_signature import SandboxSignatureProvider
from subgraphs.contracts.ports.sandbox_webhooks import SandboxWebhooks
from subgraphs.contracts.ports.signature import SignatureProvider
from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.exports.audit import audit_routes
from subgraphs.shared.exports.own_data import own_data_routes
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.people import People
from subgraphs.shared.ports import load_port
from subgraphs.shared.subgraph import Subgraph
from subgraphs.shared.vault import Vault


def create_subgraph(
    settings: ContractsSettings,
    *,
    verifier: TokenVerifier,
    people: People,
    clock: Clock | None = None,
    signature_provider: SignatureProvider | None = None,
    registry: Registry | None = None,
) -> Subgraph:
    """
    Contracts with what *settings* name; tests may hand in parts of their own.

    Raises ValueError when a setting names a port that cannot be loaded.
    """
    clock = clock or SystemClock()
    database = Database.from_settings(settings, name="contracts", clock_moved=not isinstance(clock, SystemClock))
    services = Services(
        settings=settings,
        database=database,
        clock=clock,
        signature_provider=signature_provider or _signature_provider(settings, clock),
        registry=registry or _registry(settings, clock),
        people=people,
        vault=Vault(settings.sealing_secret.get_secret_value(), domain="contracts"),
    )
    subgraph = Subgraph(
        name="contracts",
        schema=schema,
        database=database,
        verifier=verifier,
        reactions=build_reactions(services),
        clock=clock,
        services=services,
        routes=[
            *build_routes(services),
            own_data_routes(OWN_DATA, database, verifier, clock),
            audit_routes(AUDIT_LOG, database, verifier, clock),
        ],
        jobs=build_jobs(services),
        deadline_seconds_max=settings.deadline_seconds,
        door=Door(settings, subgraph="contracts"),
        representations_max=settings.representations_max,
        request_bytes_max=settings.request_bytes_max,
    )
    for provider in (services.signature_provider, services.registry):
        if isinstance(provider, SandboxSignatureProvider | SandboxRegistry):
            subgraph.on_close.append(provider.webhooks.close)
    return subgraph


def _signature_provider(settings: ContractsSettings, clock: Clock) -> SignatureProvider:
    webhooks = _webhooks(settings, clock, Party.SIGNATURE, SIGNATURE_PATH)
    provider: SignatureProvider = load_port(
        settings, "signature_provider", sandbox=lambda: SandboxSignatureProvider(webhooks)
    )
    return provider


def _registry(settings: ContractsSettings, clock: Clock) -> Registry:
    webhooks = _webhooks(settings, clock, Party.REGISTRY, REGISTRY_PATH)
    registry: Registry = load_port(settings, "registry", sandbox=lambda: SandboxRegistry(webhooks))
    return registry


def _webhooks(settings: ContractsSettings, clock: Clock, party: Party, path: str) -> SandboxWebhooks:
    return SandboxWebhooks(
        url=settings.base_url.rstrip("/") + path,
        secret=settings.provider_secret(party),
        clock=clock,
        latency_seconds=settings.sandbox_latency_seconds,
        late_seconds=settings.sandbox_late_seconds,
    )
