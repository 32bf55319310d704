"""The floor's bench: each of its servers answers, whatever the endpoints have become since it was written."""

import subprocess
import sys

from launch.home import ROOT

LAYERS = [
    ["router", "bytes", "http", "paths, headers", "endpoint", "answer", "log", "one fetch"],
    ["subgraph", "bytes", "http", "address, headers", "endpoint", "execute", "token", "me { id }"],
]


def test_every_layer_answers_and_has_its_line() -> None:
    # A process of its own: its servers set logging up as the product does, once for the whole process.
    command = [sys.executable, "-m", "bench.floor", "--rounds", "1", "--requests", "20", "--connections", "2"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    tables = [table.splitlines() for table in run.stdout.split("\n\n")[1:]]
    assert [[line[:20].rstrip() for line in table] for table in tables] == LAYERS
