"""
Makes the router's release, and tries it as a stranger would: `make router-release`. Nothing is published.

    python -m builds.router [--into FOLDER]

The folder has what there is to give away: wheel, source, the locked packages that both need (`requirements.txt`, with
hashes), the bill of materials (CycloneDX) of the environment that the wheel was tried in, and the sums of them all.
What builds and describes comes from `poetry.lock` with hashes, like everything else. It fails when the wheel brings
anything of Peerseed, a test, a page, a web framework or a database library, or when what it installs does not check,
explain and answer.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
import zipfile
from pathlib import Path
from typing import Any

from builds.router_lock import PINNED, PROJECT, ROOT, requirements_of_the_router, tools_of_a_release

SUPERGRAPH = ROOT / "schema" / "supergraph.graphql"
ANSWERS_WITHIN_SECONDS = 60.0
NOT_WANTED = {
    *("alembic", "asyncpg", "fastapi", "sqlalchemy", "strawberry"),
    *("bench", "builds", "deploy", "launch", "story", "subgraphs", "tests", "upkeep"),
    *("build", "cyclonedx_py", "pip", "poetry"),
}
"""Modules that nobody who wants the router alone has asked for."""


class PackageFault(Exception):
    """The package is not what it should be."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the router's release and try it")
    parser.add_argument("--into", type=Path, default=ROOT / ".peerseed" / "release", help="where it goes")
    folder = parser.parse_args().into.resolve()
    try:
        with tempfile.TemporaryDirectory(prefix="trevo-") as place:
            release(folder, Path(place))
    except PackageFault as fault:
        print(f"The router's package is at fault: {fault}", file=sys.stderr)
        return 1
    print("\n".join(path.name for path in sorted(folder.iterdir())))
    print(f"in {folder}: the wheel installs alone, checks, explains and answers.")
    return 0


def release(folder: Path, place: Path) -> None:
    """Raises PackageFault where the release is not what it should be."""
    shutil.rmtree(folder, ignore_errors=True)
    tools = _install(place / "tools", tools_of_a_release())
    wheel = build(tools, folder)
    judge_contents(wheel)
    pinned = folder / PINNED.name
    pinned.write_text(requirements_of_the_router())
    python = install_alone(wheel, pinned, place / "env")
    try_package(python, place)
    describe(tools, python, folder / f"{wheel.name.split('-py3')[0]}.cdx.json")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums))


def build(tools: Path, folder: Path) -> Path:
    """The wheel in *folder*, made from the source archive beside it."""
    _run(tools, "-m", "build", "--no-isolation", "--outdir", folder, PROJECT)
    (wheel,) = folder.glob("trevo-*.whl")
    return wheel


def judge_contents(wheel: Path) -> None:
    """Raises PackageFault where *wheel* has anything but the router's code and what is said of it."""
    names = zipfile.ZipFile(wheel).namelist()
    foreign = [
        name
        for name in names
        if not (name.startswith("trevo/") and name.endswith((".py", "/py.typed"))) and ".dist-info/" not in name
    ]
    if foreign or any("test" in Path(name).stem for name in names):
        raise PackageFault(f"the wheel has more than the router: {foreign or names}")


def install_alone(wheel: Path, pinned: Path, environment: Path) -> Path:
    """The Python of a fresh environment that has *wheel* and what it asks for, and nothing to install more with."""
    python = _install(environment, pinned.read_text())
    _pip(python, "--no-deps", wheel)
    if complaint := _run(sys.executable, "-m", "pip", "--python", python, "check").strip().partition("No broken")[0]:
        raise PackageFault(f"the lock does not give what the wheel asks for: {complaint}")
    return python


def describe(tools: Path, python: Path, target: Path) -> None:
    """The bill of materials of *python*'s environment, with the router as its root."""
    words = ["-m", "cyclonedx_py", "environment", "--output-reproducible", "--output-format", "JSON"]
    _run(tools, *words, "--pyproject", PROJECT / "pyproject.toml", "--output-file", target, python)


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


def _install(environment: Path, requirements: str) -> Path:
    """The Python of a new *environment* with exactly *requirements*, by their hashes; it has no pip of its own."""
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    named = environment / "requirements.txt"
    named.write_text(requirements)
    _pip(python, "--no-deps", "--require-hashes", "--only-binary=:all:", "-r", named)
    return python


def _pip(python: Path, *words: str | Path) -> None:
    _run(sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install", "--quiet", *words)


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        what = " ".join([Path(command[0]).name, *map(str, command[1:4])])
        raise PackageFault(f"{what} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
