"""Fixtures for the whole suite: a real PostgreSQL, databases cloned from migrated templates, tokens, subgraph calls."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi.dependencies import models as dependencies

from subgraphs.shared.settings import SANDBOXES

os.environ.setdefault(SANDBOXES, "1")  # tests have no other parties, and say so

pytest_plugins = [
    *(["tests.fixtures.domain_coverage"] if "MEASURE_DOMAINS" in os.environ else []),
    "tests.fixtures.without_a_disk",
    "tests.fixtures.databases",
    "tests.fixtures.tokens",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.parts",
    "tests.fixtures.told_things",
    "tests.fixtures.attack",
]

WHOLE_PRODUCT = tuple(Path(__file__).with_name(name) for name in ("clients", "end_to_end", "flows"))
"""The folders whose tests share a running product, which lives to the end of the run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a whole product comes last, so that none stands idle beside tests that do not."""
    items.sort(key=lambda item: item.path.parent in WHOLE_PRODUCT)


def pytest_collection_finish() -> None:
    """Modules and collected tests stay: to walk them again and again makes pauses in which tests run out of time."""
    gc.collect()
    gc.freeze()


KEPT_BY_FASTAPI = [kept.cache_clear for kept in vars(dependencies).values() if hasattr(kept, "cache_clear")]
"""What empties the lists that it keeps for good of thousands of routes: each holds a whole subgraph."""


@pytest.fixture(autouse=True)
def subgraphs_end_with_their_test() -> Iterator[None]:
    yield
    for empty in KEPT_BY_FASTAPI:
        empty()


@pytest.fixture(autouse=True)
def logging_is_left_as_it_was() -> Iterator[None]:
    yield
    kept = structlog.get_config()["cache_logger_on_first_use"]
    assert not kept, "logging was set up for the whole process, in which later tests of logs would hear nothing"
