"""Puts the marketplace together."""

from subgraphs.marketplace.api.jobs import build_jobs
from subgraphs.marketplace.api.own_data import OWN_DATA
from subgraphs.marketplace.api.reactions import build_reactions
from subgraphs.marketplace.api.schema import schema
from subgraphs.marketplace.core.services import Services
from subgraphs.marketplace.core.settings import MarketplaceSettings
from subgraphs.marketplace.domain.audit import AUDIT_LOG
from subgraphs.marketplace.domain.backlog import Backlog
from subgraphs.marketplace.domain.investments import investing
from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.exports.audit import audit_routes
from subgraphs.shared.exports.own_data import own_data_routes
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.subgraph import Subgraph
from subgraphs.shared.together import Together


def create_subgraph(settings: MarketplaceSettings, *, verifier: TokenVerifier, clock: Clock | None = None) -> Subgraph:
    """The marketplace over the database that *settings* name."""
    clock = clock or SystemClock()
    database = Database.from_settings(settings, name="marketplace", clock_moved=not isinstance(clock, SystemClock))
    return Subgraph(
        name="marketplace",
        schema=schema,
        database=database,
        verifier=verifier,
        reactions=build_reactions(clock),
        clock=clock,
        services=Services(backlog=Backlog(), investing=Together(database, investing(clock))),
        routes=[
            own_data_routes(OWN_DATA, database, verifier, clock),
            audit_routes(AUDIT_LOG, database, verifier, clock),
        ],
        jobs=build_jobs(database, clock, settings),
        deadline_seconds_max=settings.deadline_seconds,
        door=Door(settings, subgraph="marketplace"),
        representations_max=settings.representations_max,
        request_bytes_max=settings.request_bytes_max,
    )
