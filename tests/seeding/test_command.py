"""`make seed-data` as a person meets it who cannot seed: one line that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launch.home import ROOT


def said(folder: Path, copies: str, **environment: str) -> tuple[int, str]:
    without = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "RABBITMQ_URL")}
    run = subprocess.run(
        [sys.executable, "-m", "seeding", copies],
        cwd=ROOT, env={**without, "PEERSEED_HOME": str(folder), **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return run.returncode, run.stderr


@pytest.mark.parametrize(
    ("copies", "environment", "expected"),
    [
        ("3", {}, "There is nothing to copy in {folder} yet: `make demo` tells the story.\n"),
        ("0", {}, "N is the number of copies, from 1 to 4194303.\n"),
        (
            "3",
            {"PEERSEED_SANDBOXES": "0"},
            "Made-up people belong where nothing is real: PEERSEED_SANDBOXES=1 says so.\n",
        ),
    ],
)
def test_it_says_why_nothing_is_copied(copies: str, environment: dict[str, str], expected: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert said(tmp_path, copies, **environment) == (1, expected.format(folder=tmp_path))


def test_a_server_that_does_not_answer_is_said_in_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    code, line = said(tmp_path, "3", DATABASE_URL="postgresql://postgres:secret@127.0.0.1:1/postgres")
    assert (code, line.count("\n")) == (1, 1)
    assert line.startswith("The databases cannot be reached: ")
    assert "secret" not in line
