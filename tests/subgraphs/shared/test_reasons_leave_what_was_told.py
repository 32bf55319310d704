"""What staff wrote about people leaves the events and inboxes of earlier releases; unsent events still go out."""

import asyncio
import json
import uuid

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from alembic import command
from launch.migrate import migration_config
from tests.fixtures.databases import Server

PERSON, CHECK, REQUEST = (uuid.UUID(int=value) for value in (1, 2, 3))
WROTE = "Quem conhece o caso é Zulmira Quaresma."

OUTBOX = """INSERT INTO outbox (event_id, type, source, subject, occurred_at, data, sent_at)
    VALUES (gen_random_uuid(), $1, 'test', $2, now(), $3::jsonb, CASE WHEN $4 THEN now() END)"""
CHECKED = """INSERT INTO identity_checks
    (id, user_id, status, document_id, selfie_id, submitted_at, decided_at, reason)
    VALUES ($1, $2, 'REJECTED', $1, $1, '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z', $3)"""
TOLD = """INSERT INTO notifications
    (id, user_id, category, title, body, title_english, body_english, occurred_at, place, event_id)
    VALUES (gen_random_uuid(), $4, 'ACCOUNT', $1, $2, 'told', $2, now(), $3, gen_random_uuid())"""

IDENTITY = {"user_id": str(PERSON)}
CREDIT = {"credit_request_id": str(REQUEST), "farmer_id": str(PERSON)}


async def of_before(postgres: Server, domain: str, revision: str) -> tuple[str, asyncpg.Connection]:
    """The database of *domain* at an earlier *revision*, and a connection to it that no rule of the tables binds."""
    owner = (await postgres.clone(domain)).owner
    await asyncio.to_thread(command.downgrade, migration_config(domain, owner), revision)
    address = make_url(postgres.admin_url).set(database=make_url(owner).database)
    connection = await asyncpg.connect(address.render_as_string(hide_password=False))
    await connection.execute("SET session_replication_role = replica")
    return owner, connection


@pytest.mark.parametrize(
    ("domain", "revision", "kind", "facts", "subject", "more"),
    [
        ("accounts", "accounts_0006", "identity_rejected", IDENTITY, PERSON, {"identity_check_id": str(CHECK)}),
        ("accounts", "accounts_0006", "identity_upload_requested", IDENTITY, PERSON, {"identity_check_id": str(CHECK)}),
        ("credit", "credit_0008", "request_rejected", CREDIT, REQUEST, {}),
    ],
)
async def test_events_lose_their_reason(  # noqa: PLR0917  # a table's columns
    postgres: Server,
    domain: str,
    revision: str,
    kind: str,
    facts: dict[str, str],
    subject: uuid.UUID,
    more: dict[str, str],
) -> None:
    owner, connection = await of_before(postgres, domain, revision)
    if domain == "accounts":
        await connection.execute(CHECKED, CHECK, PERSON, WROTE)
    for is_sent in (True, False):
        data = json.dumps(facts | {"reason": WROTE})
        await connection.execute(OUTBOX, f"{domain}.{kind}.v1", str(subject), data, is_sent)
    await asyncio.to_thread(command.upgrade, migration_config(domain, owner), "heads")
    rows = await connection.fetch(
        "SELECT type, data FROM outbox WHERE starts_with(type, $1) ORDER BY id", f"{domain}.{kind}."
    )
    await connection.close()
    assert [(row["type"], json.loads(row["data"])) for row in rows] == [
        (f"{domain}.{kind}.v1", facts),
        (f"{domain}.{kind}.v2", facts | more),
    ]


async def test_inboxes_lose_it_too(postgres: Server) -> None:
    owner, connection = await of_before(postgres, "notifications", "notifications_0006")
    titles = ("Identidade não verificada", "Precisamos de outra foto", "Pedido não aprovado", "Depósito confirmado")
    for place, title in enumerate(titles, start=1):
        await connection.execute(TOLD, title, f"Sobre isso: {WROTE}", place, PERSON)
    await asyncio.to_thread(command.upgrade, migration_config("notifications", owner), "heads")
    rows = await connection.fetch("SELECT title, body, body_english FROM notifications ORDER BY place")
    await connection.close()
    assert [row["title"] for row in rows if WROTE in row["body"] + row["body_english"]] == ["Depósito confirmado"]
    assert rows[0]["body"] == "Não foi possível verificar sua identidade. O motivo está no seu perfil."
