"""
Whoever has taken a subgraph over has its database role, and no more: not history, not others' data, not the server.

Each statement is tried as the service's own role over its own address, and has to be refused by PostgreSQL itself.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from launch.databases import DOMAINS, domain_urls
from tests.fixtures.attack import Attack
from tests.fixtures.parts import ToldParts

pytestmark = [pytest.mark.attack, pytest.mark.timeout(300)]

OF_THE_SERVER = (
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/peerseed-attack'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_authid",
    "SELECT lo_import('/etc/passwd')",
    "CREATE EXTENSION file_fdw",
    "CREATE ROLE intruder SUPERUSER",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    "CREATE TABLE intruder (id int)",
    "CREATE FUNCTION intruder() RETURNS int LANGUAGE sql AS 'SELECT 1'",
)

OUTSIDE_A_TRANSACTION = ("CREATE DATABASE intruder", "ALTER SYSTEM SET fsync = off")

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
FIRST_COLUMN = """SELECT attname FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND attidentity = '' ORDER BY attnum LIMIT 1"""
RIGHTS = "SELECT array_agg(relacl::text ORDER BY oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
OF_EVERY_TABLE = (
    "DROP TABLE {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
)
GRANT_ALL = "GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC"
"""Of whoever may not, PostgreSQL takes it with a warning, and grants nothing."""

HISTORY = {
    "wallet": (
        "ledger_entries",
        "ledger_transfers",
        "gateway_payments",
        "staff_actions",
        "staff_acts",
        "staff_looks",
        "staff_proposals",
    ),
    "accounts": ("audit_entries", "dead_letter_acts", "staff_looks"),
    "credit": ("decisions", "score_factors", "staff_looks"),
    "contracts": ("installment_payments", "staff_acts", "staff_looks"),
    "marketplace": ("offering_decisions", "staff_acts"),
    "distribution": ("distributions", "staff_acts", "staff_looks"),
    "notifications": ("closed_people",),
}
"""Facts that are added and never edited."""


NO_RIGHT = (asyncpg.InsufficientPrivilegeError, asyncpg.RaiseError)
"""How PostgreSQL refuses: by a missing grant, or by a trigger of ours."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()


async def fate_of(connection: asyncpg.Connection, statement: str) -> str:
    """`refused`, or what else became of *statement*."""
    try:
        await connection.execute(statement)
    except NO_RIGHT:
        return "refused"
    except asyncpg.PostgresError as error:
        return repr(error)
    return "executed"


async def fate_in_a_transaction(connection: asyncpg.Connection, statement: str) -> str:
    """As `fate_of`; whatever it did is rolled back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        return await fate_of(connection, statement)
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_services_role_can_do_no_more_than_its_work(domain: str, told_parts: ToldParts, attack: Attack) -> None:
    subject, parts = f"SQL, {domain}", told_parts.parts
    service = domain_urls(parts.postgres.admin_url, parts.home.secrets()["DATABASE_ROLE_SECRET"], domain).service
    async with connected(service) as connection:
        tables = [row["tablename"] for row in await connection.fetch(TABLES)]
        statements = [*OF_THE_SERVER, *(form.format(table=table) for form in OF_EVERY_TABLE for table in tables)]
        for table in (*HISTORY[domain], "alembic_version"):
            column = await connection.fetchval(FIRST_COLUMN, table)
            statements += [f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"]  # noqa: S608  # of ours
        for statement in statements:
            fate = await fate_in_a_transaction(connection, statement)
            attack.cell(subject, statement, fate == "refused", fate)
        for statement in OUTSIDE_A_TRANSACTION:
            fate = await fate_of(connection, statement)
            attack.cell(subject, statement, fate == "refused", fate)
        rights = await connection.fetchval(RIGHTS)
        await fate_of(connection, GRANT_ALL)
        attack.cell(subject, GRANT_ALL, await connection.fetchval(RIGHTS) == rights, "somebody has more rights")
    attack.check(subject)


@pytest.mark.parametrize("domain", DOMAINS)
async def test_no_role_gets_into_anothers_database(domain: str, told_parts: ToldParts, attack: Attack) -> None:
    parts, subject = told_parts.parts, f"databases, {domain}"
    secret, admin = parts.home.secrets()["DATABASE_ROLE_SECRET"], parts.postgres.admin_url
    for other in (*(name for name in DOMAINS if name != domain), "postgres", "template1"):
        own = make_url(domain_urls(admin, secret, domain).service)
        database = f"peerseed_{other}" if other in DOMAINS else other
        try:
            async with connected(own.set(database=database).render_as_string(hide_password=False)):
                fate = "was let in"
        except asyncpg.InsufficientPrivilegeError:
            fate = "refused"
        attack.cell(subject, other, fate == "refused", fate)
    attack.check(subject)
