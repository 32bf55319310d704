"""
Build GraphiQL from its locked packages, once per change of its sources.

The built page lies under `.peerseed/graphiql/page`, from where the router serves it. The first start of the product
does not wait for it: `build_in_background` works beside the server, and until it is done the page shows
`progress.txt`.
"""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from builds.node import NodeFailed, find_node, install_packages, locked

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "graphiql"
BUILT = ROOT / ".peerseed" / "graphiql"
PAGE = BUILT / "page"
"""The folder that the router serves."""
PROGRESS = BUILT / "progress.txt"
"""How the build is going, one line per step; shown by the page that stands in for GraphiQL."""
STAMP = BUILT / "built-from"
LOG = BUILT / "build.log"


def is_current() -> bool:
    """Whether the built page comes from today's sources."""
    return STAMP.exists() and (PAGE / "index.html").exists() and STAMP.read_text() == fingerprint()


def fingerprint() -> str:
    """A hash of everything that the built page depends on."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*")):
        inside = path.relative_to(SOURCES)
        if path.is_file() and inside.parts[0] not in {"node_modules", "dist"}:
            digest.update(f"{inside.as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def build() -> None:
    """
    Build the page unless it is current. Raises NodeFailed, whose message says what failed.

    The old page stays in place until the new one is whole.
    """
    with locked(BUILT / "lock"):
        if is_current():
            return
        PROGRESS.write_text("")
        try:
            _build_page()
        except NodeFailed as failure:
            _say(f"GraphiQL could not be built: {failure}")
            _say("Everything else works without it. `make graphiql` tries again.")
            raise


def _build_page() -> None:
    node = find_node(_say)
    install_packages(node, SOURCES, _say)
    _say("bundling GraphiQL …")
    source = fingerprint()
    fresh, old = BUILT / "page.new", BUILT / "page.old"
    bundler = SOURCES / "node_modules" / "vite" / "bin" / "vite.js"
    done = node.run(str(bundler), "build", "--outDir", str(fresh), "--emptyOutDir", folder=SOURCES)
    if done.exit_code:
        raise NodeFailed(f"the bundler failed:\n{done.everything}")
    shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        PAGE.rename(old)
    fresh.rename(PAGE)
    shutil.rmtree(old, ignore_errors=True)
    STAMP.write_text(source)  # last, so that an interrupted build is done again
    _say("GraphiQL is built.")


def _say(line: str) -> None:
    print(line, flush=True)
    with PROGRESS.open("a") as file:
        file.write(f"{line}\n")


def build_in_background(say: Callable[[str], None] = print) -> asyncio.Task[None]:
    """
    Build in a process of its own, so that the server beside it keeps its processor and its signals.

    Nothing is started when the page is current or `GRAPHIQL_BUILD=never` says so, and a build that fails stops
    nobody: it is only *say*-d. Cancelling the task ends the build with everything it started; what is half done is
    done again the next time.
    """
    return asyncio.create_task(_build_beside(say), name="build GraphiQL")


async def _build_beside(say: Callable[[str], None]) -> None:
    if os.environ.get("GRAPHIQL_BUILD") == "never" or await asyncio.to_thread(is_current):
        return
    BUILT.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "builds.graphiql",
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that it can be ended as a whole
        )
    try:
        failed = await process.wait()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
    say(f"GraphiQL could not be built; {LOG.relative_to(ROOT)} says why" if failed else "GraphiQL is ready")


def main() -> int:
    try:
        build()
    except NodeFailed:
        return 1  # said already
    print(f"GraphiQL is current: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
