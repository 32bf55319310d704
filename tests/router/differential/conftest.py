"""Options of the differential tests: how many cases, which seed, which single case."""

import random

import pytest

from tests.router.differential.cases import SEED_IN_SUITE, Cases


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("differential test of the router")
    group.addoption("--fuzz", type=int, default=None, help="run this many cases, on a fresh seed unless one is given")
    group.addoption("--seed", type=int, default=None, help="the seed of the cases")
    group.addoption("--case", type=int, default=None, help="run only this case of the seed")


@pytest.fixture(scope="session")
def cases(request: pytest.FixtureRequest) -> Cases:
    """One seed for all tests of a run."""
    fuzz, seed, case = (request.config.getoption(name, default=None) for name in ("--fuzz", "--seed", "--case"))
    if seed is None:
        seed = SEED_IN_SUITE if fuzz is None else random.randrange(1_000_000)
    return Cases(seed, fuzz, case)
