"""Fixtures for the whole suite: a real PostgreSQL, databases cloned from migrated templates, tokens, subgraph calls."""

import os

from subgraphs.shared.settings import SANDBOXES

os.environ.setdefault(SANDBOXES, "1")  # tests have no other parties, and say so

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.tokens",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.parts",
    "tests.fixtures.attack",
]
