"""Options of the differential test: how many cases, which seed, which single case."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("differential test of the router")
    group.addoption("--fuzz", type=int, default=None, help="run this many cases, on a fresh seed unless one is given")
    group.addoption("--seed", type=int, default=None, help="the seed of the cases")
    group.addoption("--case", type=int, default=None, help="run only this case of the seed")
