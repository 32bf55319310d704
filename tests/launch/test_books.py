"""`make books` where there is nothing to read: one line says what is missing, and nothing is made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launch.home import ROOT


def books(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    command = [sys.executable, "-m", "upkeep.books"]
    return subprocess.run(
        command, cwd=ROOT, env=kept | {"PEERSEED_HOME": str(home)} | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_where_nothing_ever_ran_there_is_no_ledger_and_none_is_made(tmp_path: Path) -> None:
    answer = books(tmp_path)
    assert answer.stderr == f"There is no ledger in {tmp_path} yet: `make run` makes one.\n"
    assert (answer.returncode, answer.stdout) == (1, "")
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("named", ["WALLET_DATABASE_URL", "DATABASE_URL"])
def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path, named: str) -> None:
    answer = books(tmp_path, **{named: "postgresql://wallet:a-secret@127.0.0.1:1/wallet"})
    (line,) = answer.stderr.splitlines()
    assert line.startswith("The ledger at postgresql")
    assert "@127.0.0.1:1/" in line
    assert " cannot be read: " in line
    assert "a-secret" not in answer.stderr
    assert (answer.returncode, answer.stdout) == (1, "")
