"""
Make the Python environment from `poetry.lock`, with nothing but the standard library.

A newcomer has Python and make, not Poetry. The lock file already names every package with its hashes, so
pip can install exactly that set; Poetry stays the tool for *changing* the set (`make lock`).

The work is skipped while the lock file, the chosen groups and the interpreter are the same as last time.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # an older one says so, before it meets what it does not have
    sys.exit(f"Peerseed needs Python 3.11 or newer, and this is {sys.version.split()[0]}: make run PYTHON=python3.11")

import argparse
import hashlib
import subprocess
import tempfile
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
FEATURES = {"ctypes": "_ctypes", "ensurepip": "ensurepip", "ssl": "_ssl", "venv": "venv", "zlib": "zlib"}
"""Parts of the standard library that some Pythons come without, with the module that is then missing."""


class CannotInstall(Exception):
    """The environment cannot be made; the message says what to do."""


def main() -> int:
    try:
        return make_environment()
    except CannotInstall as error:
        print(error, file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"{error.filename} cannot be written to by this user: work in a checkout of your own.", file=sys.stderr)
        return 1


def require_features() -> None:
    """Raises CannotInstall, with what to install, where this Python lacks something."""
    missing = [name for name, module in FEATURES.items() if find_spec(module) is None]
    if missing:
        minor = f"3.{sys.version_info.minor}"
        raise CannotInstall(
            f"This Python has no {', '.join(missing)}: install a whole one (Debian and Ubuntu: apt install "
            f"python{minor}-venv), or name another: make run PYTHON=python{minor}"
        )


def make_environment() -> int:
    """What is missing of the environment is installed. Raises CannotInstall and PermissionError."""
    parser = argparse.ArgumentParser(description="Make .venv from poetry.lock")
    parser.add_argument("--with", dest="groups", action="append", default=["main"], metavar="GROUP")
    groups = set(parser.parse_args().groups)
    lock = (ROOT / "poetry.lock").read_bytes()
    version = f"{hashlib.sha256(lock).hexdigest()} python-{'.'.join(map(str, sys.version_info[:3]))}"
    marker = ENVIRONMENT / "installed-from-lock"
    made_for, *installed = marker.read_text().splitlines() if marker.exists() else [""]
    if made_for == version:
        if groups <= set(installed):
            find_router_in_this_checkout()
            return 0
        groups |= set(installed)

    require_features()
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        print("making .venv …", flush=True)
        import venv  # noqa: PLC0415  # one of the features

        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    marker.unlink(missing_ok=True)
    find_router_in_this_checkout()
    requirements = locked_requirements(tomllib.loads(lock.decode()), groups)
    print(f"installing {len(requirements)} locked packages …", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(requirements))
        file.flush()
        command = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "-r",
            file.name,
        ]
        if subprocess.run([*command, "--disable-pip-version-check"], check=False).returncode:
            print("Installing from poetry.lock failed; the lines above say why.", file=sys.stderr)
            return 1
    marker.write_text("\n".join([version, *sorted(groups)]))  # last, so that an interrupted install is done again
    return 0


def find_router_in_this_checkout() -> None:
    """Let the environment import `trevo` from `router/`, where it is written; relative, so that both can be moved."""
    for packages in ENVIRONMENT.glob("lib/python3*/site-packages"):
        (packages / "trevo-in-this-checkout.pth").write_text("../../../../router\n")


def locked_requirements(lock: dict[str, Any], groups: set[str]) -> list[str]:
    """The lock file's packages of *groups* as pip requirement lines with hashes and markers."""
    lines = []
    for package in lock["package"]:
        mine = groups.intersection(package.get("groups", ["main"]))
        if not mine:
            continue
        marker = package.get("markers", "")
        if isinstance(marker, dict):  # one marker per group
            parts = [marker.get(group, "") for group in sorted(mine)]
            marker = "" if "" in parts else " or ".join(f"({part})" for part in parts)
        hashes = " ".join(f"--hash={file['hash']}" for file in package["files"])
        condition = f" ; {marker}" if marker else ""
        lines.append(f"{package['name']}=={package['version']}{condition} {hashes}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
