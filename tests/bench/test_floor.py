"""The floor's bench: each of its servers answers, whatever the router's endpoint has become since it was written."""

import subprocess
import sys

from launch.home import ROOT

LAYERS = ["bytes", "http", "paths, headers", "endpoint", "answer", "log", "one fetch"]


def test_every_layer_answers_and_has_its_line() -> None:
    # A process of its own: its servers set logging up as the product does, once for the whole process.
    command = [sys.executable, "-m", "bench.floor", "--rounds", "1", "--requests", "20", "--connections", "2"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert [line[:20].rstrip() for line in run.stdout.splitlines()[3:]] == LAYERS
