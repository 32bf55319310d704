"""Fixtures for the whole suite: a real PostgreSQL, databases cloned from migrated templates, tokens, subgraph calls."""

import os

import pytest

from subgraphs.shared.settings import SANDBOXES

os.environ.setdefault(SANDBOXES, "1")  # tests have no other parties, and say so

pytest_plugins = [
    "tests.fixtures.without_a_disk",
    "tests.fixtures.databases",
    "tests.fixtures.tokens",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.parts",
    "tests.fixtures.told_things",
    "tests.fixtures.attack",
]

WHOLE_PRODUCT = "end_to_end"
"""The folder whose tests share a running product, which lives to the end of the run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a whole product comes last, so that none stands idle beside tests that do not."""
    items.sort(key=lambda item: item.path.parent.name == WHOLE_PRODUCT)
