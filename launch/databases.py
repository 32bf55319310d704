"""
One database and two roles per domain: an owner that migrates, and the service's own that only works.

The service's role owns nothing and has the rights that `launch/privileges.py` states, on its own database alone.
Passwords are derived from one secret, so nothing has to be written down per role.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

import asyncpg
from sqlalchemy.engine import make_url

DOMAINS = ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution", "notifications")
BROKER = "broker"
"""The database of the embedded message transport."""


@dataclass(frozen=True)
class DomainUrls:
    owner: str
    """For migrations."""
    service: str
    """For the running subgraph."""


def role_password(secret: str, role: str) -> str:
    digest = hmac.digest(secret.encode(), role.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def service_role(name: str) -> str:
    """The role of the service that works on *name*'s database."""
    return f"peerseed_{name}"


def domain_urls(admin_url: str, secret: str, name: str) -> DomainUrls:
    """The addresses of *name*'s database on the server of *admin_url*."""
    server = make_url(admin_url).set(database=f"peerseed_{name}")

    def url_of(role: str) -> str:
        return server.set(username=role, password=role_password(secret, role)).render_as_string(hide_password=False)

    return DomainUrls(owner=url_of(f"peerseed_{name}_owner"), service=url_of(service_role(name)))


async def ensure_databases(
    admin_url: str, secret: str, names: tuple[str, ...] = (*DOMAINS, BROKER)
) -> dict[str, DomainUrls]:
    """Make what is missing of databases, roles and grants; harmless when all is there."""
    admin = await asyncpg.connect(
        make_url(admin_url).set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        for name in names:
            await _ensure_roles(admin, secret, name)
            if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", f"peerseed_{name}"):
                await admin.execute(f'CREATE DATABASE "peerseed_{name}" OWNER "peerseed_{name}_owner"')
            # At each start: a database that was restored, or made by hand, may be open to everybody.
            await admin.execute(f'REVOKE ALL ON DATABASE "peerseed_{name}" FROM PUBLIC')
            await admin.execute(f'GRANT CONNECT ON DATABASE "peerseed_{name}" TO "{service_role(name)}"')
        await _close_servers_own_databases(admin)
    finally:
        await admin.close()
    urls = {name: domain_urls(admin_url, secret, name) for name in names}
    for name in names:
        await _grant(urls[name].owner, name)
    return urls


async def _close_servers_own_databases(admin: asyncpg.Connection) -> None:
    """What PostgreSQL makes for itself lets everybody in; where it is ours to close, our roles stay out of it too."""
    ours = await admin.fetch(
        "SELECT datname FROM pg_database WHERE datname IN ('postgres', 'template1') AND pg_has_role(datdba, 'USAGE')"
    )
    for row in ours:
        await admin.execute(f'REVOKE CONNECT ON DATABASE "{row["datname"]}" FROM PUBLIC')


async def _ensure_roles(admin: asyncpg.Connection, secret: str, name: str) -> None:
    for role in (f"peerseed_{name}_owner", service_role(name)):
        exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if exists else "CREATE"
        await admin.execute(f"{verb} ROLE \"{role}\" LOGIN PASSWORD '{role_password(secret, role)}'")
    # An administrator that is no superuser must belong to the owner's role to give it a database.
    await admin.execute(f'GRANT "peerseed_{name}_owner" TO CURRENT_USER')


async def _grant(owner_url: str, name: str) -> None:
    """
    Let the service's role in. What it may do to which table, `launch/privileges.py` says once the tables are there.

    The embedded transport makes its own tables, which are its own then.
    """
    role = f'"{service_role(name)}"'
    owner = await asyncpg.connect(owner_url)
    try:
        await owner.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        await owner.execute(f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {role}")
        if name == BROKER:
            await owner.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    finally:
        await owner.close()
