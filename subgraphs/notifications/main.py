"""The notifications subgraph, put together."""

from collections.abc import Mapping

from subgraphs.notifications.api.http import build_routes
from subgraphs.notifications.api.jobs import build_jobs
from subgraphs.notifications.api.own_data import OWN_DATA
from subgraphs.notifications.api.reactions import build_reactions
from subgraphs.notifications.api.schema import schema
from subgraphs.notifications.core.services import Services
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.domain.live_inboxes import LiveInboxes
from subgraphs.notifications.domain.vocabulary import Channel
from subgraphs.notifications.ports.carrier import Carrier
from subgraphs.notifications.ports.owners import Owners, OwnersOverHTTP
from subgraphs.notifications.ports.sandbox_carrier import SandboxCarrier
from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.exports.own_data import own_data_routes
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.people import People
from subgraphs.shared.ports import load_port
from subgraphs.shared.subgraph import Subgraph


def create_subgraph(
    settings: NotificationsSettings,
    *,
    verifier: TokenVerifier,
    people: People,
    owners: Owners | None = None,
    clock: Clock | None = None,
    carriers: Mapping[Channel, Carrier] | None = None,
) -> Subgraph:
    """Settings → database → ports → schema, reactions, jobs."""
    clock = clock or SystemClock()
    database = Database.from_settings(settings, name="notifications")
    live_inboxes = LiveInboxes(database)
    services = Services(
        settings=settings,
        carriers=carriers or _carriers(settings),
        live_inboxes=live_inboxes,
        people=people,
        owners=owners or OwnersOverHTTP(settings.subgraph_urls),
    )
    return Subgraph(
        name="notifications",
        schema=schema,
        database=database,
        verifier=verifier,
        reactions=build_reactions(clock),
        clock=clock,
        services=services,
        routes=[own_data_routes(OWN_DATA, database, verifier, clock), *build_routes(services)],
        jobs=build_jobs(database, services, clock),
        on_close=[live_inboxes.stop],
        deadline_seconds_max=settings.deadline_seconds,
        door=Door(settings, subgraph="notifications"),
        representations_max=settings.representations_max,
        request_bytes_max=settings.request_bytes_max,
    )


def _carriers(settings: NotificationsSettings) -> dict[Channel, Carrier]:
    return {
        Channel.EMAIL: load_port(settings, "email", sandbox=SandboxCarrier),
        Channel.PUSH: load_port(settings, "push", sandbox=SandboxCarrier),
        Channel.SMS: load_port(settings, "sms", sandbox=SandboxCarrier),
    }
