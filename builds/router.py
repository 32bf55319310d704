"""
Builds the router's wheel and tries it as a stranger would: installed alone into a fresh environment, serving.

    python -m builds.router [--into FOLDER]

What it needs comes from the package registry in the versions of `poetry.lock`. It fails when the wheel brings anything
of Peerseed, a web framework or a database library, or when what it installs does not check, explain and answer.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SUPERGRAPH = ROOT / "schema" / "supergraph.graphql"
ANSWERS_WITHIN_SECONDS = 30.0
NOT_WANTED = {"alembic", "asyncpg", "builds", "fastapi", "launch", "sqlalchemy", "strawberry", "subgraphs", "tests"}
"""Modules that nobody who wants the router alone has asked for."""


class PackageFault(Exception):
    """The package is not what it should be."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the router's wheel and try it")
    parser.add_argument("--into", type=Path, default=ROOT / ".peerseed" / "dist", help="where the wheel goes")
    folder = parser.parse_args().into
    try:
        wheel = build_wheel(folder)
        with tempfile.TemporaryDirectory(prefix="trevo-") as place:
            python = install_alone(wheel, Path(place))
            try_package(python, Path(place))
    except (PackageFault, subprocess.CalledProcessError) as fault:
        print(f"The router's package is at fault: {fault}", file=sys.stderr)
        return 1
    print(f"{wheel} installs alone, checks, explains and answers.")
    return 0


def build_wheel(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT / "router")
    (wheel,) = folder.glob("trevo-*.whl")
    return wheel


def install_alone(wheel: Path, place: Path) -> Path:
    """The Python of a fresh environment in *place* that has the wheel and what it asks for."""
    venv.create(place / "env", with_pip=True)
    python = place / "env" / "bin" / "python"
    constraints = place / "constraints.txt"
    locked = tomllib.loads((ROOT / "poetry.lock").read_text(encoding="utf-8"))["package"]
    constraints.write_text("\n".join(f"{package['name']}=={package['version']}" for package in locked))
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", constraints, wheel)
    return python


def try_package(python: Path, place: Path) -> None:
    """Raises PackageFault where something is brought that should not be, or nothing works."""
    modules = "import json, pkgutil; print(json.dumps([module.name for module in pkgutil.iter_modules()]))"
    found = set(json.loads(_run(python, "-c", modules, cwd=place)))
    if unwanted := found & NOT_WANTED:
        raise PackageFault(f"it brings {', '.join(sorted(unwanted))}")
    trevo = python.parent / "trevo"
    operation = place / "operation.graphql"
    operation.write_text("{ me { id } }")
    _run(trevo, "check", "--supergraph", SUPERGRAPH, cwd=place)
    if 'service: "accounts"' not in _run(trevo, "explain", "plan", operation, "--supergraph", SUPERGRAPH, cwd=place):
        raise PackageFault("it does not plan")
    _ask(trevo, place)


def _ask(trevo: Path, place: Path) -> None:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    command = [str(trevo), "serve", "--supergraph", str(SUPERGRAPH), "--port", str(port)]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ROUTER_")}
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=place, env=bare, stdout=log, stderr=log)
    try:
        answer = _answer_of(process, f"http://127.0.0.1:{port}/graphql")
        process.send_signal(signal.SIGTERM)
        # uvicorn ends by the signal that it was told to end by, once all is answered
        if (status := process.wait(timeout=ANSWERS_WITHIN_SECONDS)) != -signal.SIGTERM:
            raise PackageFault(f"it ends with status {status}: {(place / 'log').read_text()}")
    finally:
        process.kill()
        process.wait()
    if answer != {"data": {"__typename": "Query"}}:
        raise PackageFault(f"it answers {answer}")


def _answer_of(process: "subprocess.Popen[bytes]", url: str) -> Any:
    body = json.dumps({"query": "{ __typename }"}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})  # noqa: S310  # ours, http
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
                return json.load(response)
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise PackageFault(f"it does not answer: {error}") from error
            time.sleep(0.1)  # it is starting


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageFault(f"{Path(command[0]).name} {command[1]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
