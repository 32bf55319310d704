"""
Make what applications in browsers and on phones are built with: `make clients`.

    clients/web/      schema.graphqls; src/graphql/: a typed document for each operation; dist/: all of it compiled
    clients/mobile/   schema.graphqls, operations/, persisted-documents.json: what Apollo's tools for phones read

It takes seconds and none of it is committed. What is: settings of those tools, and the example in `clients/web/src`.
"""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from graphql import print_schema

from builds.node import Node, NodeFailed, find_node, install_packages, locked
from builds.operations import SCHEMA, load
from trevo.supergraph import Supergraph
from trevo.supergraph.public_schema import with_defer

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "clients" / "web"
MOBILE = ROOT / "clients" / "mobile"
GRAPH = "schema.graphqls"
"""The graph as clients see it, in each of the two folders."""

CODEGEN = "node_modules/@graphql-codegen/cli/cjs/bin.js"
COMPILER = "node_modules/typescript/bin/tsc"
TYPED = WEB / "src" / "graphql"
COMPILED = WEB / "dist"
STAMP = COMPILED / "built-from"


def write_mobile(supergraph: Supergraph, folder: Path = MOBILE) -> None:
    (folder / GRAPH).write_text(print_graph(supergraph), encoding="utf-8")
    operations = folder / "operations"
    shutil.rmtree(operations, ignore_errors=True)
    operations.mkdir()
    for path in sorted((SCHEMA / "operations").rglob("*.graphql")):  # whose names are operations', so no two are alike
        shutil.copy(path, operations)
    shutil.copy(SCHEMA / "persisted" / "apollo.json", folder / "persisted-documents.json")


def print_graph(supergraph: Supergraph) -> str:
    return print_schema(with_defer(supergraph.public_schema)) + "\n"


def build_web(node: Node, supergraph: Supergraph, say: Callable[[str], None] = print) -> None:
    """Generate and compile, unless nothing has changed since. Raises NodeFailed, which carries what the tool said."""
    with locked(ROOT / ".peerseed" / "tools" / "clients-web.lock"):
        install_packages(node, WEB, say)
        graph = print_graph(supergraph)
        source = _fingerprint(graph)
        if STAMP.exists() and STAMP.read_text() == source:
            return
        for made in (TYPED, COMPILED):
            shutil.rmtree(made, ignore_errors=True)
        (WEB / GRAPH).write_text(graph, encoding="utf-8")
        say("generating typed documents …")
        _run(node, CODEGEN, "--config", "codegen.mjs", "--silent")
        # The generator's own manifest has our ids with its texts, which are put in another order: no router takes both.
        (TYPED / "persisted-documents.json").unlink()
        say("compiling them …")
        _run(node, COMPILER)
        STAMP.write_text(source)  # last, so that what was interrupted is done again


def _run(node: Node, tool: str, *arguments: str) -> None:
    done = node.run(tool, *arguments, folder=WEB)
    if done.exit_code:
        raise NodeFailed(f"{tool} failed in {WEB.relative_to(ROOT)}:\n{done.everything}")


def _fingerprint(graph: str) -> str:
    """A hash of everything that the built package depends on."""
    digest = hashlib.sha256(graph.encode())
    for path in sorted(_sources()):
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (SCHEMA / "operations").rglob("*.graphql")
    yield SCHEMA / "persisted" / "apollo.json"
    yield from (path for path in WEB.iterdir() if path.is_file() and path.name != GRAPH)
    yield from (WEB / "src").glob("*.ts")


def main() -> int:
    supergraph = load()
    write_mobile(supergraph)
    print(f"{MOBILE.relative_to(ROOT)} is current.")
    try:
        build_web(find_node(), supergraph)
    except NodeFailed as failure:
        print(failure)
        return 1
    print(f"{WEB.relative_to(ROOT)} is current.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
