"""What a service's role may do: to its own tables what is stated, and nothing anywhere else."""

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from launch.databases import BROKER, DOMAINS, ensure_databases, service_role
from launch.privileges import TABLES, PrivilegesNotStated, grant_privileges
from tests.fixtures.databases import ROLE_SECRET, Server

APPENDED = {
    "accounts": {"audit_entries", "consent_notices", "consents"},
    "credit": {"agro_scores", "decisions", "request_steps", "score_factors"},
    "contracts": {"installment_payments", "webhook_receipts"},
    "marketplace": {"cancelled_cprs", "offering_decisions", "offering_milestones"},
    "wallet": {
        "distribution_parts",
        "hold_requests",
        "installment_payments",
        "ledger_accounts",
        "ledger_entries",
        "ledger_transfers",
        "registered_cprs",
        "staff_actions",
        "wallets",
    },
    "distribution": {"cancelled_investments", "distributions"},
    "notifications": {"closed_people"},
}
"""Facts that services add and nobody changes or deletes."""

RIGHTS = """
    SELECT relname AS table, privilege
    FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
        AS privilege
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege($1, pg_class.oid, privilege)
"""
COLUMN_RIGHTS = """
    SELECT relname AS table, attname AS column
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND has_column_privilege($1, pg_class.oid, attnum, 'UPDATE')
        AND NOT has_table_privilege($1, pg_class.oid, 'UPDATE')
"""


@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_service_may_do_to_each_table_what_is_stated_and_no_more(domain: str, postgres: Server) -> None:
    urls = await postgres.template(domain)
    owner = await asyncpg.connect(urls.owner)
    try:
        found: dict[str, set[str]] = {}
        for row in await owner.fetch(RIGHTS, service_role(domain)):
            found.setdefault(row["table"], set()).add(row["privilege"])
        columns: dict[str, set[str]] = {}
        for row in await owner.fetch(COLUMN_RIGHTS, service_role(domain)):
            columns.setdefault(row["table"], set()).add(row["column"])
    finally:
        await owner.close()
    assert found == {table: {"SELECT", *rights.on_rows} for table, rights in TABLES[domain].items()}
    assert columns == {table: set(rights.columns) for table, rights in TABLES[domain].items() if rights.columns}


@pytest.mark.parametrize("domain", DOMAINS)
def test_facts_are_added_and_never_changed(domain: str) -> None:
    assert {table for table in APPENDED[domain] if TABLES[domain][table].on_rows != ("INSERT",)} == set()
    assert {table for table in APPENDED[domain] if TABLES[domain][table].columns} == set()


@pytest.mark.parametrize(
    ("domain", "statement"),
    [
        ("wallet", "UPDATE alembic_version SET version_num = 'wallet_0001'"),
        ("wallet", "SELECT * FROM alembic_version"),
        ("wallet", "UPDATE staff_actions SET reason = 'another'"),
        ("wallet", "DELETE FROM staff_actions"),
        ("wallet", "UPDATE staff_proposals SET content = '{}'"),
        ("wallet", "DELETE FROM staff_proposals"),
        ("wallet", "UPDATE gateway_payments SET amount_minor = 1"),
        ("wallet", "DELETE FROM gateway_payments"),
        ("wallet", "UPDATE ledger_entries SET amount_minor = 1"),
        ("wallet", "UPDATE ledger_balances SET balance_minor = 1"),
        ("wallet", "UPDATE origination_fee_rates SET rate = 0"),
        ("wallet", "UPDATE idempotency_keys SET fingerprint = ''"),
        ("wallet", "TRUNCATE holds"),
        ("wallet", "ALTER TABLE staff_actions DISABLE TRIGGER ALL"),
        ("wallet", "CREATE TABLE mine (x int)"),
        ("accounts", "UPDATE alembic_version SET version_num = 'accounts_0001'"),
        ("accounts", "UPDATE audit_entries SET reason = 'another'"),
        ("accounts", "UPDATE consents SET act = 'GIVEN'"),
        ("accounts", "INSERT INTO consent_texts SELECT * FROM consent_texts"),
        ("credit", "INSERT INTO score_models VALUES ('2026-11-24', 'agroscore-2.0')"),
        ("marketplace", "UPDATE parameters SET value = 0"),
        ("distribution", "UPDATE tax_brackets SET rate = 0"),
        ("contracts", "UPDATE installment_payments SET amount_minor = 1"),
    ],
)
async def test_the_database_refuses_what_is_not_stated(domain: str, statement: str, postgres: Server) -> None:
    service = await asyncpg.connect((await postgres.template(domain)).service)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement)
    finally:
        await service.close()


async def test_no_role_comes_into_another_database(postgres: Server) -> None:
    names = (*DOMAINS, BROKER)
    for name in DOMAINS:
        await postgres.template(name)
    urls = await ensure_databases(postgres.admin_url, ROLE_SECRET, (BROKER,))
    admin = await asyncpg.connect(postgres.admin_url)
    try:
        rows = await admin.fetch(
            "SELECT rolname, datname FROM pg_roles, pg_database WHERE rolname ~ '^peerseed_' AND NOT rolsuper "
            "AND datname = ANY ($1) AND has_database_privilege(rolname, datname, 'CONNECT')",
            [*(f"peerseed_{name}" for name in names), "postgres", "template1"],
        )
    finally:
        await admin.close()
    reached = {(row["rolname"].removesuffix("_owner"), row["datname"]) for row in rows}
    assert reached == {(f"peerseed_{name}", f"peerseed_{name}") for name in names}
    strange = make_url(urls[BROKER].service).set(database="peerseed_wallet")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        await asyncpg.connect(strange.render_as_string(hide_password=False))


async def test_a_database_that_was_open_before_is_closed_at_the_next_start(postgres: Server) -> None:
    urls = await postgres.template("credit")
    await postgres.template("wallet")
    await postgres.execute('GRANT CONNECT ON DATABASE "peerseed_credit" TO PUBLIC')
    owner = await asyncpg.connect(urls.owner)
    try:
        await owner.execute("GRANT UPDATE ON alembic_version, decisions TO PUBLIC, peerseed_credit")
        await ensure_databases(postgres.admin_url, ROLE_SECRET, ("credit",))
        await grant_privileges(urls.owner, "credit", service_role("credit"))
        for table in ("alembic_version", "decisions"):
            assert not await owner.fetchval("SELECT has_table_privilege('peerseed_credit', $1, 'UPDATE')", table)
        is_open = "SELECT has_database_privilege('peerseed_wallet', current_database(), 'CONNECT')"
        assert not await owner.fetchval(is_open)
    finally:
        await owner.close()


async def test_a_table_of_which_nothing_is_stated_stops_the_migration(postgres: Server) -> None:
    urls = await postgres.clone("credit")
    owner = await asyncpg.connect(urls.owner)
    try:
        await owner.execute("CREATE TABLE forgotten (id int)")
    finally:
        await owner.close()
    with pytest.raises(PrivilegesNotStated, match="it does not say what the service may do to forgotten"):
        await grant_privileges(urls.owner, "credit", service_role("credit"))
