"""
The accounts subgraph: settings → database → services → schema, routes, reactions, jobs.

It is the identity provider as well: `subgraph.services.key_source` gives the public keys to verifiers of the same
process, `/.well-known/jwks.json` to all others.
"""

from functools import partial

from subgraphs.accounts.api.http import build_internal_routes, build_routes
from subgraphs.accounts.api.jobs import build_jobs
from subgraphs.accounts.api.reactions import build_reactions
from subgraphs.accounts.api.schema import schema
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.domain.passwords import Passwords
from subgraphs.accounts.domain.signing_keys import KeyRing
from subgraphs.accounts.domain.telling import is_in_good_standing
from subgraphs.accounts.ports.identity_verifier import IdentityVerifier
from subgraphs.accounts.ports.messenger import Messenger
from subgraphs.accounts.ports.sandbox_identity_verifier import SandboxIdentityVerifier
from subgraphs.accounts.ports.sandbox_messenger import SandboxMessenger
from subgraphs.accounts.ports.sandbox_screener import SandboxScreener
from subgraphs.accounts.ports.screener import Screener
from subgraphs.shared.clock import Clock, SystemClock
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.identity import TokenVerifier
from subgraphs.shared.ports import load_port
from subgraphs.shared.subgraph import Subgraph
from subgraphs.shared.vault import Vault


def create_services(
    settings: AccountsSettings,
    *,
    clock: Clock,
    messenger: Messenger | None = None,
    identity_verifier: IdentityVerifier | None = None,
    screener: Screener | None = None,
) -> Services:
    """What accounts works with. Ports come from the arguments, else from the settings, else are the sandboxes."""
    database = Database.from_settings(settings, name="accounts", clock_moved=not isinstance(clock, SystemClock))
    vault = Vault(settings.key_encryption_secret.get_secret_value(), domain="accounts")
    return Services(
        settings=settings,
        database=database,
        clock=clock,
        vault=vault,
        passwords=Passwords(settings),
        key_ring=KeyRing(settings, database, vault, clock),
        messenger=messenger or load_port(settings, "messenger", sandbox=lambda: SandboxMessenger(clock)),
        identity_verifier=identity_verifier
        or load_port(
            settings,
            "identity_verifier",
            sandbox=lambda: SandboxIdentityVerifier(settings.sandbox_identity_result),
        ),
        screener=screener or load_port(settings, "screener", sandbox=SandboxScreener),
    )


def create_subgraph(
    settings: AccountsSettings,
    *,
    verifier: TokenVerifier | None = None,
    clock: Clock | None = None,
    messenger: Messenger | None = None,
    identity_verifier: IdentityVerifier | None = None,
    screener: Screener | None = None,
) -> Subgraph:
    """The subgraph, ready to serve; it verifies tokens with its own keys unless given another verifier."""
    clock = clock or SystemClock()
    services = create_services(
        settings, clock=clock, messenger=messenger, identity_verifier=identity_verifier, screener=screener
    )
    verifier = verifier or TokenVerifier(
        issuer=settings.token_issuer, audience=settings.token_audience, key_source=services.key_source
    )
    subgraph = Subgraph(
        name="accounts",
        schema=schema,
        database=services.database,
        verifier=verifier,
        reactions=build_reactions(services),
        clock=clock,
        services=services,
        routes=build_routes(services, verifier),
        internal_routes=build_internal_routes(services),
        jobs=build_jobs(services),
        on_close=[services.passwords.close],
        deadline_seconds_max=settings.deadline_seconds,
        door=Door(settings, subgraph="accounts"),
        representations_max=settings.representations_max,
        request_bytes_max=settings.request_bytes_max,
    )
    subgraph.standing.ask_accounts = partial(is_in_good_standing, services)
    services.key_ring.is_withdrawn = subgraph.standing.is_withdrawn
    return subgraph
