"""Fixtures for the whole suite: a real PostgreSQL, databases cloned from migrated templates, tokens, subgraph calls."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

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


@pytest.fixture(autouse=True)
def logging_is_left_as_it_was() -> Iterator[None]:
    yield
    kept = structlog.get_config()["cache_logger_on_first_use"]
    assert not kept, "logging was set up for the whole process, in which later tests of logs would hear nothing"
