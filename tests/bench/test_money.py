"""The money bench: a short run over a real product ends with balanced books and a line for each way of asking."""

from pathlib import Path

import pytest

from bench.money.__main__ import NAME_WIDTH, run, ways
from bench.money.meters import StatementLog, Transaction, alike


@pytest.mark.timeout(600)
async def test_a_short_run_measures_every_way_and_balances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RABBITMQ_URL", raising=False)
    told = await run(ways(connections=2, offerings=2, rate=4.0, think_seconds=0.1), people_count=8, seconds=1.0)
    lines = told.splitlines()
    assert [line[:NAME_WIDTH].rstrip() for line in lines[4:7]] == [
        "one offering, 2 connections",
        "2 offerings, 2 connections",
        "2 offerings, 4 people/s, think 0.1 s",
    ]
    assert all(line.endswith("refused: none") for line in lines[4:7])
    assert ["   all connections taken: " in line for line in lines[4:7]] == [False, False, True]
    assert lines[8] == "statements by domain"
    for line in lines[9:12]:
        assert {"marketplace", "wallet", "notifications", "accounts", "distribution"} <= set(line[NAME_WIDTH:].split())
    assert any("marketplace" in line and "insert investments" in line for line in lines[12:])
    assert any("wallet" in line and "insert hold_requests" in line for line in lines[12:])


def test_statements_of_one_connection_are_one_transaction_from_begin_to_commit(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_text("wallet|7|LOG:  duration: 0.1 ms  statement: SELECT 'before'\n")
    log = StatementLog(path)
    with path.open("a") as file:
        file.write(
            "wallet|7|LOG:  duration: 0.1 ms  statement: BEGIN ISOLATION LEVEL READ COMMITTED;\n"
            "wallet|7|LOG:  duration: 0.1 ms  parse __asyncpg_1__: INSERT INTO holds VALUES ($1)\n"
            "accounts|8|LOG:  duration: 0.2 ms  execute __asyncpg_2__: SELECT id\n"
            "\tFROM users\n"
            "\t WHERE id = $1\n"
            "wallet|7|LOG:  duration: 0.1 ms  execute __asyncpg_1__: INSERT INTO holds VALUES ($1)\n"
            "wallet|7|DETAIL:  Parameters: $1 = '3'\n"
            "bench|9|LOG:  duration: 0.1 ms  statement: SELECT 1\n"
            "wallet|7|LOG:  duration: 0.1 ms  statement: COMMIT;\n"
        )
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED;"
    look = Transaction("accounts", ("SELECT id FROM users WHERE id = $1",))
    hold = Transaction("wallet", (begin, "INSERT INTO holds VALUES ($1)", "COMMIT;"))
    assert log.transactions() == [look, hold]
    assert [(it.app, it.summary, times) for it, times in alike([hold, look, hold])] == [
        ("accounts", "select users", 1),
        ("wallet", "insert holds", 2),
    ]
