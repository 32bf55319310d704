"""
The settings of a local run: what a deployment would put into the environment, made up for one machine.

Both forms (one process, seven processes) read the same names, so nothing works in one form only.
"""

from collections.abc import Mapping

from launch.databases import DOMAINS
from launch.home import Addresses

ISSUER = "https://accounts.peerseed.example"
AUDIENCE = "peerseed"


def local_environment(infrastructure: Mapping[str, str], bases: Mapping[str, str], router: str) -> dict[str, str]:
    """
    Settings by name. *bases* is where each domain's own routes are reached, *router* where the router listens.

    What the caller's environment names already is not in the way: it is laid over this.
    """
    settings = dict(infrastructure)
    settings |= {
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_AUDIENCE": AUDIENCE,
        "JWKS_URL": f"{bases['accounts']}/.well-known/jwks.json",
        "ROUTER_ISSUER": ISSUER,
        "ROUTER_AUDIENCE": AUDIENCE,
        "ROUTER_JWKS_URL": f"{bases['accounts']}/.well-known/jwks.json",
        "ROUTER_PUBLIC_URL": router,
    }
    for domain in DOMAINS:
        settings[f"{domain.upper()}_BASE_URL"] = bases[domain]
    return settings


def addresses(
    *, pid: int, router: str, bases: Mapping[str, str], database: str, broker: str
) -> Addresses:
    """What `make demo` and people need to know of a running product."""
    return Addresses(
        pid=pid,
        graphql=f"{router}/graphql",
        accounts=bases["accounts"],
        wallet=bases["wallet"],
        credit=bases["credit"],
        contracts=bases["contracts"],
        database=database,
        broker=broker,
    )
