"""Fixtures for the whole suite: a real PostgreSQL, databases cloned from migrated templates, tokens, subgraph calls."""

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.tokens",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.parts",
]
