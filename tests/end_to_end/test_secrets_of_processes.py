"""Where each part is a process of its own, each holds its own secrets and nobody else's."""

import re
from pathlib import Path

from launch.databases import DOMAINS
from launch.environment import ROUTER, environment_of
from subgraphs.accounts.domain.disclosures import GRANTED
from tests.end_to_end.conftest import World

SECRET = re.compile(r"(?:[A-Z]+_)*(?:DATABASE_URL|SECRET|PASSWORD|SECRET_PREVIOUS)")
SHARED = {"BROKER_DATABASE_URL"}
"""The broker is everybody's, the router excepted."""


def environments(parent: int) -> dict[str, dict[str, str]]:
    """What the operating system says of each child's environment, by the part's name."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat, command = (process / "stat").read_text(), (process / "cmdline").read_bytes().decode().split("\0")
            pairs = (process / "environ").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if int(stat.rpartition(")")[2].split()[1]) != parent:
            continue
        if "launch.subgraph" in command:
            found[command[command.index("launch.subgraph") + 1]] = dict(pair.split("=", 1) for pair in pairs if pair)
        elif "trevo" in command:
            found[ROUTER] = dict(pair.split("=", 1) for pair in pairs if pair)
    return found


def secrets_in(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if SECRET.fullmatch(name) and name not in SHARED}


async def test_each_process_holds_its_own_secrets_only(split_world: World) -> None:
    held = environments(split_world.client.addresses.pid)
    assert set(held) == {ROUTER, *DOMAINS}
    assert {name: set(secrets_in(environment)) for name, environment in held.items()} == {
        ROUTER: set(),
        **{domain: {f"{domain.upper()}_DATABASE_URL"} for domain in DOMAINS},
        "accounts": {"ACCOUNTS_DATABASE_URL", "ACCOUNTS_KEY_ENCRYPTION_SECRET"}
        | {f"{service.upper()}_PEOPLE_SECRET" for service in GRANTED},
        "contracts": {
            "CONTRACTS_DATABASE_URL",
            "CONTRACTS_WEBHOOK_SECRET",
            "CONTRACTS_SEALING_SECRET",
            "CONTRACTS_PEOPLE_SECRET",
        },
        "credit": {"CREDIT_DATABASE_URL", "CREDIT_PEOPLE_SECRET"},
        "distribution": {"DISTRIBUTION_DATABASE_URL", "DISTRIBUTION_PEOPLE_SECRET"},
        "notifications": {"NOTIFICATIONS_DATABASE_URL", "NOTIFICATIONS_PEOPLE_SECRET"},
        "wallet": {
            "WALLET_DATABASE_URL",
            "WALLET_WEBHOOK_SECRET",
            "WALLET_SEALING_SECRET",
            "WALLET_BOOKS_SECRET",
            "WALLET_PEOPLE_SECRET",
        },
    }
    for part, environment in held.items():
        own = set(secrets_in(environment).values())
        others = {value for name, other in held.items() if name != part for value in secrets_in(other).values()} - own
        assert not [name for name, value in environment.items() if any(secret in value for secret in others)]
    assert not [name for name, value in held[ROUTER].items() if "postgresql://" in value or "amqp://" in value]


def test_what_only_the_launcher_needs_goes_to_no_process() -> None:
    whole = {
        "DATABASE_URL": "postgresql://postgres:p@h/postgres",
        "DATABASE_ROLE_SECRET": "s",
        "WALLET_MIGRATION_DATABASE_URL": "postgresql://owner:p@h/w",
        "WALLET_DATABASE_URL": "postgresql://wallet:p@h/w",
        "RABBITMQ_URL": "amqp://peerseed:p@h/",
        "ROUTER_PORT": "4000",
        "PATH": "/bin",
    }
    assert environment_of("wallet", whole).keys() == {"WALLET_DATABASE_URL", "RABBITMQ_URL", "PATH"}
    assert environment_of("credit", whole).keys() == {"RABBITMQ_URL", "PATH"}
    assert environment_of(ROUTER, whole).keys() == {"ROUTER_PORT", "PATH"}
