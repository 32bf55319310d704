"""Puts the wallet together: settings → database → gateway → schema, reactions, routes, jobs."""

from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.people import People
from subgraphs.shared.subgraph import Subgraph
from subgraphs.shared.vault import Vault
from subgraphs.wallet.api.http import build_routes
from subgraphs.wallet.api.jobs import build_jobs
from subgraphs.wallet.api.reactions import build_reactions
from subgraphs.wallet.api.schema import schema
from subgraphs.wallet.core.services import Services
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.ports.open_gateway import open_gateway
from subgraphs.wallet.ports.open_tax_collector import open_tax_collector
from subgraphs.wallet.ports.payment_gateway import PaymentGateway
from subgraphs.wallet.ports.tax_collector import TaxCollector


def create_subgraph(
    settings: WalletSettings,
    *,
    verifier: TokenVerifier,
    people: People,
    clock: Clock | None = None,
    gateway: PaymentGateway | None = None,
    tax_collector: TaxCollector | None = None,
) -> Subgraph:
    """The wallet, ready to serve. *gateway* and *tax_collector* stand in for those that the settings name."""
    clock = clock or SystemClock()
    database = Database.from_settings(settings, name="wallet", clock_moved=not isinstance(clock, SystemClock))
    if gateway is None:
        gateway = open_gateway(settings, database, clock=clock)
    services = Services(
        settings=settings,
        clock=clock,
        database=database,
        gateway=gateway,
        tax_collector=tax_collector or open_tax_collector(settings, database, clock=clock),
        people=people,
        vault=Vault(settings.sealing_secret.get_secret_value(), domain="wallet"),
    )
    sandbox = services.sandbox
    return Subgraph(
        name="wallet",
        schema=schema,
        database=database,
        verifier=verifier,
        reactions=build_reactions(services),
        clock=clock,
        services=services,
        routes=build_routes(services, verifier=verifier),
        jobs=build_jobs(services),
        on_close=[sandbox.delivery.close] if sandbox is not None else [],
        deadline_seconds_max=settings.deadline_seconds,
        door=Door(settings, subgraph="wallet"),
        representations_max=settings.representations_max,
        request_bytes_max=settings.request_bytes_max,
    )
