"""Fixtures for the whole suite: a real PostgreSQL, databases cloned from migrated templates, tokens, subgraph calls."""

import os

import pytest

from subgraphs.shared.settings import SANDBOXES

os.environ.setdefault(SANDBOXES, "1")  # tests have no other parties, and say so

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.tokens",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.parts",
    "tests.fixtures.attack",
]

WHOLE_PRODUCTS = frozenset({"told_parts", "world", "split_world"})
"""Fixtures that keep a running product until the end of the run, which takes its share of the machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that need a whole product come last, so that none runs beside tests that do not."""
    late = {item.path for item in items if not WHOLE_PRODUCTS.isdisjoint(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path in late)
