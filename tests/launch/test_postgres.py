"""The embedded PostgreSQL as a supervisor meets it: killed, left over, used twice."""

import os
import signal
from pathlib import Path

import asyncpg
import pytest

from launch.databases import ensure_databases
from launch.postgres import EmbeddedPostgres, PostgresUnavailable


async def put(url: str, number: int) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE IF NOT EXISTS facts (number int)")
    await connection.execute("INSERT INTO facts VALUES ($1)", number)
    await connection.close()


async def facts(url: str) -> list[int]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT number FROM facts ORDER BY number")
    await connection.close()
    return [row["number"] for row in rows]


def server_pid(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


async def test_a_second_start_finds_the_data_again(tmp_path: Path) -> None:
    first = EmbeddedPostgres(tmp_path)
    await first.start()
    await put(first.admin_url, 1)
    await first.stop()
    second = EmbeddedPostgres(tmp_path)
    await second.start()
    assert await facts(second.admin_url) == [1]
    await second.stop()


async def test_an_acknowledged_row_survives_the_servers_killing(tmp_path: Path) -> None:
    killed = EmbeddedPostgres(tmp_path)
    await killed.start()
    await put(killed.admin_url, 1)
    assert killed._process
    os.kill(killed._process.pid, signal.SIGKILL)
    killed._process.wait()
    killed._lock.close()  # the lock goes with a dead process
    again = EmbeddedPostgres(tmp_path)
    await again.start()
    assert await facts(again.admin_url) == [1]
    await again.stop()


async def test_a_server_that_outlived_its_parent_is_adopted(tmp_path: Path) -> None:
    parent = EmbeddedPostgres(tmp_path)
    await parent.start()
    await put(parent.admin_url, 1)
    pid = server_pid(tmp_path)
    parent._lock.close()
    heir = EmbeddedPostgres(tmp_path)
    await heir.start()
    assert server_pid(tmp_path) == pid
    assert await facts(heir.admin_url) == [1]
    await heir.stop()
    assert not (tmp_path / "data" / "postmaster.pid").exists()
    parent._process.wait()


async def test_two_products_cannot_share_a_folder(tmp_path: Path) -> None:
    first = EmbeddedPostgres(tmp_path)
    await first.start()
    with pytest.raises(PostgresUnavailable, match="Another Peerseed runs on the data"):
        await EmbeddedPostgres(tmp_path).start()
    await first.stop()


async def test_an_interrupted_initialisation_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("half made")
    server = EmbeddedPostgres(tmp_path)
    await server.start()
    await put(server.admin_url, 1)
    assert await facts(server.admin_url) == [1]
    await server.stop()


async def test_a_domains_service_cannot_enter_anothers_database(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    await server.start()
    urls = await ensure_databases(server.admin_url, "secret", ("accounts", "wallet"))
    trespassing = urls["accounts"].service.removesuffix("accounts") + "wallet"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(trespassing)
    await server.stop()
