"""Credit, put together."""

from subgraphs.credit.api.http import build_routes
from subgraphs.credit.api.jobs import build_jobs
from subgraphs.credit.api.own_data import OWN_DATA
from subgraphs.credit.api.reactions import build_reactions
from subgraphs.credit.api.schema import schema
from subgraphs.credit.core.services import Services
from subgraphs.credit.core.settings import CreditSettings
from subgraphs.credit.domain.audit import AUDIT_LOG
from subgraphs.credit.ports.bureau import Bureau
from subgraphs.credit.ports.document_store import DatabaseStore, DocumentStore, FolderStore
from subgraphs.credit.ports.sandbox_bureau import SandboxBureau
from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.exports.audit import audit_routes
from subgraphs.shared.exports.own_data import own_data_routes
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.people import People
from subgraphs.shared.ports import load_port
from subgraphs.shared.subgraph import Subgraph


def create_subgraph(
    settings: CreditSettings,
    *,
    verifier: TokenVerifier,
    people: People,
    clock: Clock | None = None,
    bureau: Bureau | None = None,
    documents: DocumentStore | None = None,
) -> Subgraph:
    """
    Credit with what *settings* name; tests may hand in parts of their own.

    Raises ValueError when a setting names a port that cannot be loaded.
    """
    clock = clock or SystemClock()
    database = Database.from_settings(settings, name="credit", clock_moved=not isinstance(clock, SystemClock))
    services = Services(
        settings=settings,
        database=database,
        clock=clock,
        bureau=bureau or _bureau(settings, clock),
        documents=documents or _document_store(settings),
        people=people,
    )
    subgraph = Subgraph(
        name="credit",
        schema=schema,
        database=database,
        verifier=verifier,
        reactions=build_reactions(services),
        clock=clock,
        services=services,
        jobs=build_jobs(services),
        deadline_seconds_max=settings.deadline_seconds,
        door=Door(settings, subgraph="credit"),
        representations_max=settings.representations_max,
        request_bytes_max=settings.request_bytes_max,
    )
    subgraph.routes = [
        *build_routes(services, verifier=verifier),
        own_data_routes(OWN_DATA, database, verifier, clock),
        audit_routes(AUDIT_LOG, database, verifier, clock),
    ]
    return subgraph


def _bureau(settings: CreditSettings, clock: Clock) -> Bureau:
    bureau: Bureau = load_port(
        settings,
        "bureau",
        sandbox=lambda: SandboxBureau(clock, latency_seconds=settings.bureau_latency_seconds),
    )
    return bureau


def _document_store(settings: CreditSettings) -> DocumentStore:
    return FolderStore(settings.document_folder) if settings.document_folder else DatabaseStore()
