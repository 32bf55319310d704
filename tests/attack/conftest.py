"""Attacks are collected for `make attack` alone: they take their time, and the machine to themselves."""

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if config.getoption("--attack") else True
