"""The embedded PostgreSQL as a supervisor meets it: killed, left over, used twice."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from launch.databases import ensure_databases
from launch.postgres import EmbeddedPostgres, PostgresUnavailable
from subgraphs.shared.tasks import end


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


async def test_a_server_that_is_killed_is_started_again_where_it_listened_as_often_as_it_is_killed(
    tmp_path: Path,
) -> None:
    server, said = EmbeddedPostgres(tmp_path), asyncio.Queue[str]()
    await server.start()
    address = server.admin_url
    await put(address, 1)
    keeping = asyncio.create_task(server.keep_running(said.put_nowait))
    # Somebody who is connected keeps a child of the server busy, which outlives it for a moment.
    busy = await asyncpg.connect(address)
    for _ in range(2):
        pid = server_pid(tmp_path)
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            assert await said.get() == "the embedded PostgreSQL has ended; starting it again …"
            assert await said.get() == "the embedded PostgreSQL is up again"
        assert server_pid(tmp_path) != pid
        assert (server.admin_url, await facts(address)) == (address, [1])
    assert said.empty()
    busy.terminate()
    await end(keeping)
    await server.stop()
    assert not (tmp_path / "data" / "postmaster.pid").exists()


async def test_a_server_that_is_stopped_stays_so(tmp_path: Path) -> None:
    server, said = EmbeddedPostgres(tmp_path), []
    await server.start()
    keeping = asyncio.create_task(server.keep_running(said.append))
    await end(keeping)
    await server.stop()
    assert said == []
    with pytest.raises(OSError, match="Connect"):
        await asyncpg.connect(server.admin_url)


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
