"""What is committed in `schema/` is what the code says; no Node is needed to see it."""

import os
import subprocess
import sys

import pytest

from builds.supergraph import SCHEMA, Subgraph, export_subgraphs, find_stale_files, fingerprint
from launch.databases import DOMAINS


@pytest.fixture(scope="module")
def subgraphs() -> list[Subgraph]:
    return export_subgraphs()


def test_the_supergraph_is_made_of_every_domain(subgraphs: list[Subgraph]) -> None:
    assert tuple(each.name for each in subgraphs) == DOMAINS


def test_the_committed_schema_is_what_the_code_says(subgraphs: list[Subgraph]) -> None:
    assert find_stale_files(subgraphs) == [], "`make schema` writes the files anew"


def test_another_process_exports_the_same_text(subgraphs: list[Subgraph]) -> None:
    """The order of a set differs from one process to the next; no schema may depend on it."""
    code = "import sys, builds.supergraph as c; sys.stdout.write(c.fingerprint(c.export_subgraphs()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=SCHEMA.parent,
        env={**os.environ, "PYTHONHASHSEED": "20260101"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout == fingerprint(subgraphs)


def test_no_subgraph_has_a_port_of_another(subgraphs: list[Subgraph]) -> None:
    ports = [each.url.removeprefix("http://127.0.0.1:").removesuffix("/graphql") for each in subgraphs]
    assert ports == [str(4001 + index) for index in range(len(DOMAINS))]


def test_only_schema_files_lie_beside_the_supergraph() -> None:
    """A leftover of an interrupted write would be committed with the rest."""
    assert list(SCHEMA.glob("**/*.new")) == []
