"""
The locked packages that the router alone needs: `router/requirements.txt`, out of `poetry.lock`; `make lock` writes it.

`pip install --require-hashes` takes it, so an image of the router has what was tested and nothing else.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from launch.bootstrap import locked_requirements

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "router"
PINNED = PROJECT / "requirements.txt"
HEAD = "# What trevo needs, locked; written by `make lock`. For pip with --require-hashes.\n"

_REQUIREMENT = re.compile(r"^\s*([\w.-]+)\s*(?:\[([^\]]*)\])?")


def requirements_of_the_router() -> str:
    """What `router/pyproject.toml` asks for, and what that asks for, as pip's requirements with hashes."""
    asked = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    packages = _lock()["package"]
    needed = _all_needed(asked, {_canonical(package["name"]): package for package in packages})
    mine = [package for package in packages if _canonical(package["name"]) in needed]
    return HEAD + "".join(f"{line}\n" for line in locked_requirements({"package": mine}, {"main"}))


def tools_of_a_release() -> str:
    """What builds a release and describes it."""
    return "\n".join(locked_requirements(_lock(), {"release"}))


def _lock() -> dict[str, Any]:
    return tomllib.loads((ROOT / "poetry.lock").read_text(encoding="utf-8"))


def _all_needed(asked: list[str], locked: dict[str, dict[str, Any]]) -> set[str]:
    """Names of all that *asked* comes to, on any platform, with extras only where they are asked for."""
    seen: set[tuple[str, str]] = set()
    waiting = [named for text in asked for named in _named(text)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen or name not in locked:  # what only other Pythons need is not locked
            continue
        seen.add((name, extra))
        package = locked[name]
        if extra:
            waiting += [named for text in package.get("extras", {}).get(extra, []) for named in _named(text)]
        else:
            for other, said in package.get("dependencies", {}).items():
                if not _only_with_an_extra(said):
                    extras = said.get("extras", []) if isinstance(said, dict) else []
                    waiting += [(_canonical(other), each) for each in ("", *extras)]
    return {name for name, _ in seen}


def _named(requirement: str) -> list[tuple[str, str]]:
    """A requirement's package, alone and with each extra that is asked for."""
    ((name, extras),) = _REQUIREMENT.findall(requirement)
    return [(_canonical(name), each) for each in ("", *filter(None, extras.replace(" ", "").split(",")))]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _only_with_an_extra(said: Any) -> bool:
    entries = said if isinstance(said, list) else [said]
    return all(isinstance(entry, dict) and entry.get("optional", False) for entry in entries)
