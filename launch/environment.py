"""
The settings of a local run: what a deployment would put into the environment, made up for one machine.

Both forms (one process, seven processes) read the same names, so nothing works in one form only.
"""

import json
import os
from collections.abc import Mapping

from builds import graphiql
from launch.databases import DOMAINS
from launch.home import ROOT, Addresses
from launch.people import DEMO_PEOPLE
from launch.preflight import METRICS_PORT_DISTANCE
from subgraphs.shared.people import PEOPLE_PATH
from subgraphs.shared.settings import CLOCK, SubgraphSettings
from trevo.config.graphiql_settings import DemoPerson, GraphiQLSettings

ISSUER = "https://accounts.peerseed.example"
AUDIENCE = "peerseed"
ROUTER = "router"
"""The router's name among the parts of the product."""
PERSISTED = ROOT / "schema" / "persisted"
LOOPBACK = '["127.0.0.0/8", "::1/128"]'

ROOT_FIELD_RATES = {
    # An address may stand for a town; accounts itself counts what failed, per account and per address.
    "Mutation.signIn": "60/minute burst 30",
    "Mutation.signUp": "30/minute burst 20",
    "Mutation.confirmContact": "60/minute burst 30",
    "Mutation.resendConfirmation": "20/minute burst 10",
    "Mutation.requestPasswordReset": "20/minute burst 10",
    "Mutation.resetPassword": "20/minute burst 10",
    "Mutation.disownChange": "20/minute burst 10",
    "Mutation.changePassword": "10/minute burst 5",
    "Mutation.enableTotp": "10/minute burst 5",
    "Mutation.confirmTotp": "10/minute burst 5",
    "Mutation.disableTotp": "10/minute burst 5",
    "Mutation.replaceRecoveryCodes": "10/minute burst 5",
    "Mutation.changeEmail": "10/minute burst 5",
    "Mutation.registerBankAccount": "10/minute burst 5",
    "Mutation.requestWithdrawal": "20/minute burst 10",
}
"""How often one person, or one address, may do what costs a hash, a message or a look at somebody's money."""


def local_environment(infrastructure: Mapping[str, str], bases: Mapping[str, str]) -> dict[str, str]:
    """
    Settings by name. *bases* is where each domain's own routes are reached.

    What the caller's environment names already comes first: these are defaults.
    """
    jwks_url = f"{bases['accounts']}/.well-known/jwks.json"
    settings = dict(infrastructure)
    settings |= {
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_AUDIENCE": AUDIENCE,
        "JWKS_URL": jwks_url,
        "INTROSPECTION_URL": f"{bases['accounts']}/oauth/introspect",
        "PEOPLE_URL": f"{bases['accounts']}{PEOPLE_PATH}",
        "ROUTER_ISSUER": ISSUER,
        "ROUTER_AUDIENCE": AUDIENCE,
        "ROUTER_JWKS_URL": jwks_url,
        "ROUTER_SUBGRAPH_ERROR_EXTENSIONS": '["code", "reason", "traceId"]',
        "ROUTER_LANDING_PAGE": "true",
        "ROUTER_SHOWN_PLANS__TO_EVERYBODY": "true",
        "ROUTER_GRAPHIQL": _graphiql(f"{bases['accounts']}/oauth/token"),
        # Documents can be named by their hash; others are answered as well, as GraphiQL needs it.
        "ROUTER_PERSISTED_DOCUMENTS__MODE": "allow",
        "ROUTER_PERSISTED_DOCUMENTS__MANIFESTS": json.dumps(
            [str(PERSISTED / f"{one}.json") for one in ("apollo", "relay")]
        ),
        "ROUTER_LIMITS__SUBGRAPHS": json.dumps(_limits_of_subgraphs()),
        "NOTIFICATIONS_SUBGRAPH_URLS": json.dumps({each: f"{bases[each]}/graphql" for each in DOMAINS}),
        "WALLET_WEBHOOK_URL": f"{bases['wallet']}/webhooks/pix",
    }
    # All parts of a local run, and a proxy that somebody puts before it, are on this machine.
    settings |= {"TRUSTED_NETWORKS": LOOPBACK, "ROUTER_TRUSTED_NETWORKS": LOOPBACK}
    # One setting for all doors: `CORS_ORIGINS` and `CORS__…`.
    settings |= {f"{ROUTER.upper()}_{name}": value for name, value in os.environ.items() if name.startswith("CORS_")}
    settings["ROUTER_RATES__ROOT_FIELDS"] = json.dumps(ROOT_FIELD_RATES)
    settings |= {f"{domain.upper()}_BASE_URL": bases[domain] for domain in DOMAINS}
    return settings


def _limits_of_subgraphs() -> dict[str, dict[str, int]]:
    """What the router must know of how much each subgraph takes: the figures that the subgraph itself reads."""
    default = SubgraphSettings.model_fields["representations_max"].default
    return {
        domain: {"representations_per_call_max": int(os.environ.get(f"{domain.upper()}_REPRESENTATIONS_MAX", default))}
        for domain in DOMAINS
    }


def environment_of(part: str, environment: Mapping[str, str]) -> dict[str, str]:
    """
    What the process of *part* (a domain, or the router) gets of *environment*: no setting of another part.

    Nor what only this program needs, the administrator's and owners' addresses of databases; so whoever gets hold of
    one process holds the secrets of that one.
    """
    others = tuple(f"{name.upper()}_" for name in (*DOMAINS, ROUTER) if name != part)
    withheld = {"DATABASE_URL", "DATABASE_ROLE_SECRET"}
    # Shared by two: accounts knows by it who asks.
    shared = {name for name in environment if part == "accounts" and name.endswith("_PEOPLE_SECRET")}
    if part == ROUTER:
        withheld |= {"RABBITMQ_URL", "BROKER_DATABASE_URL"}
    return {
        name: value
        for name, value in environment.items()
        if name in shared
        or (not name.startswith(others) and name not in withheld and not name.endswith("_MIGRATION_DATABASE_URL"))
    }


def _graphiql(token_url: str) -> str:
    """The router's GraphiQL setting, with the demo people: on a local run everybody may be anybody."""
    page = GraphiQLSettings(
        folder=graphiql.PAGE,
        title="Peerseed",
        operations=ROOT / "schema" / "operations",
        hint="`make demo` tells these people's story: after it every screen of theirs has something to show.",
        progress=graphiql.PROGRESS,
        token_url=token_url,
        people=tuple(
            DemoPerson(label=f"{person.name} ({person.about})", username=person.email, password=person.password)
            for person in DEMO_PEOPLE
        ),
    )
    return page.model_dump_json()


def metrics_port(port: int) -> int:
    """Where figures are read of a product whose router listens on *port*: `METRICS_PORT`, or beyond its other ports."""
    return int(os.environ.get("METRICS_PORT", port + METRICS_PORT_DISTANCE))


def addresses(
    *, pid: int, router: str, bases: Mapping[str, str], database: str, broker: str, metrics: str = ""
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
        metrics=metrics,
        clock=os.environ.get(CLOCK, ""),
    )
