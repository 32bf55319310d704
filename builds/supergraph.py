"""
Export the subgraphs' schemas and compose the supergraph: `make schema`.

What the router reads is a file that is committed, so running the product needs neither this module nor Node. The
composed file carries a hash of everything it was made from; comparing that hash is enough to see that it is stale,
which a test does on every run, without Node.

Either everything is written or nothing: when composition fails, the files of `schema/` stay as they were.
"""

import argparse
import hashlib
import importlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import yaml

from builds.node import NodeFailed, find_node, install_packages

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schema"
COMPOSER = SCHEMA / "composer"

HEADER = """\
# The supergraph, composed by `make schema` from the files in schema/subgraphs. Do not edit.
# inputs: sha256 {fingerprint}

"""


@dataclass(frozen=True)
class Subgraph:
    """One subgraph as the composer sees it."""

    name: str
    url: str
    sdl: str


@dataclass(frozen=True)
class CompositionError:
    """One reason why subgraphs do not fit together."""

    code: str
    message: str


class CompositionFailed(Exception):
    """The subgraphs do not make a supergraph; *errors* says why, one by one."""

    def __init__(self, errors: Sequence[CompositionError]) -> None:
        self.errors = tuple(errors)
        super().__init__(describe_errors(self.errors))


class SchemaUnreadable(Exception):
    """A subgraph's schema cannot be exported; the message names the subgraph and the reason."""


def export_subgraphs(
    configuration: Path = SCHEMA / "supergraph.yaml", *, only_existing: bool = False
) -> list[Subgraph]:
    """
    Every subgraph that the configuration names, with the SDL of its code as it is now.

    Only the module `subgraphs.NAME.api.schema` is imported: no database, no settings. With *only_existing*, a
    subgraph that has no such module yet is left out. Refuses with SchemaUnreadable.
    """
    named: dict[str, dict[str, str]] = yaml.safe_load(configuration.read_text(encoding="utf-8"))["subgraphs"]
    return [
        Subgraph(name, entry["routing_url"], _export_sdl(name))
        for name, entry in named.items()
        if not only_existing or (ROOT / "subgraphs" / name / "api" / "schema.py").exists()
    ]


def _export_sdl(name: str) -> str:
    module = f"subgraphs.{name}.api.schema"
    try:
        sdl: str = importlib.import_module(module).schema.as_str()
    except Exception as error:
        raise SchemaUnreadable(f"{module} gives no schema: {type(error).__name__}: {error}") from error
    return f"{sdl.strip()}\n"


def compose(subgraphs: Sequence[Subgraph]) -> str:
    """
    The supergraph of *subgraphs* as SDL, in the form that federation routers read.

    Refuses with CompositionFailed when they do not fit together, with NodeFailed when the composer cannot run.
    """
    node = find_node()
    install_packages(node, COMPOSER)
    services = [{"name": each.name, "url": each.url, "sdl": each.sdl} for each in subgraphs]
    done = node.run("compose.mjs", folder=COMPOSER, stdin=json.dumps(services))
    if done.exit_code:
        raise NodeFailed(f"the composer stopped:\n{done.everything}")
    answer: dict[str, Any] = json.loads(done.printed)
    if "errors" in answer:
        raise CompositionFailed([CompositionError(**error) for error in answer["errors"]])
    return f"{HEADER.format(fingerprint=fingerprint(subgraphs))}{answer['supergraph'].strip()}\n"


def fingerprint(subgraphs: Sequence[Subgraph]) -> str:
    """A hash of everything that the supergraph is made from: the subgraphs and the composer itself."""
    digest = hashlib.sha256()
    for each in subgraphs:
        digest.update(f"{each.name}\0{each.url}\0{each.sdl}\0".encode())
    for file in ("compose.mjs", "package-lock.json"):
        digest.update((COMPOSER / file).read_bytes())
    return digest.hexdigest()


def find_stale_files(subgraphs: Sequence[Subgraph], folder: Path = SCHEMA) -> list[str]:
    """The files in *folder* that `make schema` would change, each with the reason."""
    stale = []
    for each in subgraphs:
        file = folder / "subgraphs" / f"{each.name}.graphql"
        if not file.exists():
            stale.append(f"subgraphs/{file.name} is missing")
        elif file.read_text(encoding="utf-8") != each.sdl:
            stale.append(f"subgraphs/{file.name} is not what the code of {each.name} says")
    stale += [f"subgraphs/{file.name} belongs to no subgraph" for file in _left_over(subgraphs, folder)]
    composed = folder / "supergraph.graphql"
    if not composed.exists():
        stale.append("supergraph.graphql is missing")
    elif _fingerprint_in(composed) != fingerprint(subgraphs):
        stale.append("supergraph.graphql was composed from something else")
    return stale


def _left_over(subgraphs: Sequence[Subgraph], folder: Path) -> list[Path]:
    names = {each.name for each in subgraphs}
    return [file for file in sorted((folder / "subgraphs").glob("*.graphql")) if file.stem not in names]


def _fingerprint_in(composed: Path) -> str | None:
    found = re.search(r"^# inputs: sha256 ([0-9a-f]{64})$", composed.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def write_schema(subgraphs: Sequence[Subgraph], folder: Path = SCHEMA) -> None:
    """Compose *subgraphs*, then write their files and the supergraph. Refuses as `compose` does, writing nothing."""
    supergraph = compose(subgraphs)
    (folder / "subgraphs").mkdir(parents=True, exist_ok=True)
    for each in subgraphs:
        _replace(folder / "subgraphs" / f"{each.name}.graphql", each.sdl)
    for file in _left_over(subgraphs, folder):
        file.unlink()
    _replace(folder / "supergraph.graphql", supergraph)


def _replace(path: Path, text: str) -> None:
    """Write *path* in one step: a router that watches it never reads half a file."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def describe_errors(errors: Sequence[CompositionError]) -> str:
    """The errors under their codes, each on its own indented lines."""
    lines = []
    for code, group in groupby(sorted(errors, key=attrgetter("code")), key=attrgetter("code")):
        lines.append(code)
        lines += ["  - " + error.message.replace("\n", "\n    ") for error in group]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Export the subgraphs' schemas and compose the supergraph")
    parser.add_argument("--check", action="store_true", help="only say whether the files are current")
    parser.add_argument("--existing", action="store_true", help="leave out subgraphs that have no schema module yet")
    arguments = parser.parse_args()
    try:
        subgraphs = export_subgraphs(only_existing=arguments.existing)
        stale = find_stale_files(subgraphs)
        if not stale:
            print(f"schema/supergraph.graphql is current: {len(subgraphs)} subgraphs.")
            return 0
        print("\n".join(f"stale: schema/{line}" for line in stale))
        if arguments.check:
            print("`make schema` writes them anew.")
            return 1
        write_schema(subgraphs)
    except CompositionFailed as failure:
        count = len(failure.errors)
        print(
            f"The subgraphs do not compose ({count} error{'s' * (count > 1)}); nothing was written.\n", file=sys.stderr
        )
        print(failure, file=sys.stderr)
        return 1
    except (SchemaUnreadable, NodeFailed) as failure:
        print(f"{failure}\nNothing was written.", file=sys.stderr)
        return 1
    print(f"composed {len(subgraphs)} subgraphs into schema/supergraph.graphql")
    return 0


if __name__ == "__main__":
    sys.exit(main())
