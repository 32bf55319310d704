"""Every reaction says why it bears any order of events, and its domain's history tries it."""

from importlib import import_module

import pytest

from launch.queues import read_queues

WITH_THEIR_OWN_TESTS = {"contracts"}
"""Its facts are about CPRs that providers have signed and registered; each of its tests sets up what it needs."""
DOMAINS = sorted({binding.queue.partition(".")[0] for binding in read_queues()} - WITH_THEIR_OWN_TESTS)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_reaction_is_of_a_kind_that_bears_any_order(domain: str) -> None:
    kinds = import_module(f"tests.subgraphs.{domain}.test_any_order").KINDS
    assert kinds.keys() == {binding.queue for binding in read_queues() if binding.queue.startswith(f"{domain}.")}
