"""Puts distribution together."""

from subgraphs.distribution.api.files import file_routes
from subgraphs.distribution.api.own_data import OWN_DATA
from subgraphs.distribution.api.reactions import build_reactions
from subgraphs.distribution.api.schema import schema
from subgraphs.distribution.core.services import Services
from subgraphs.distribution.core.settings import DistributionSettings
from subgraphs.distribution.domain.audit import AUDIT_LOG
from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.exports.audit import audit_routes
from subgraphs.shared.exports.own_data import own_data_routes
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.people import People
from subgraphs.shared.subgraph import Subgraph


def create_subgraph(
    settings: DistributionSettings, *, verifier: TokenVerifier, people: People, clock: Clock | None = None
) -> Subgraph:
    """Distribution over the database that *settings* name."""
    clock = clock or SystemClock()
    database = Database.from_settings(settings, name="distribution", clock_moved=not isinstance(clock, SystemClock))
    services = Services(settings=settings, clock=clock, database=database, people=people)
    return Subgraph(
        name="distribution",
        schema=schema,
        database=database,
        verifier=verifier,
        reactions=build_reactions(clock),
        clock=clock,
        services=services,
        routes=[
            file_routes(services, verifier),
            own_data_routes(OWN_DATA, database, verifier, clock),
            audit_routes(AUDIT_LOG, database, verifier, clock),
        ],
        deadline_seconds_max=settings.deadline_seconds,
        door=Door(settings, subgraph="distribution"),
        representations_max=settings.representations_max,
        request_bytes_max=settings.request_bytes_max,
    )
