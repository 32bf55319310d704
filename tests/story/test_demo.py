"""`make demo` as a person meets it who has stopped the product."""

import os
import subprocess
import sys
from pathlib import Path

from launch.home import ROOT, Addresses, Home
from tests.fixtures.product import free_port_range


def test_a_product_that_answers_no_more_is_said_in_one_line(tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{free_port_range(1)}"
    Home(tmp_path).note_addresses(
        Addresses(
            pid=os.getpid(), graphql=f"{base}/graphql", accounts=f"{base}/accounts", wallet=f"{base}/wallet",
            credit=f"{base}/credit", contracts=f"{base}/contracts", database="none", broker="none",
            clock=str(tmp_path / "clock"),
        )
    )  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-m", "story"],
        cwd=ROOT, env={**os.environ, "PEERSEED_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    last = told.stderr.strip().splitlines()
    assert len(last) == 1
    assert last[0].startswith("story: failed after 0 steps: the product no longer answers (")
