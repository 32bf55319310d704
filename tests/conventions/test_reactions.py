"""Every reaction says why it bears any order of events, and its domain's history tries it."""

from importlib import import_module

import pytest

from launch.queues import read_queues

DOMAINS = sorted({binding.queue.partition(".")[0] for binding in read_queues()})


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_reaction_is_of_a_kind_that_bears_any_order(domain: str) -> None:
    kinds = import_module(f"tests.subgraphs.{domain}.test_any_order").KINDS
    assert kinds.keys() == {binding.queue for binding in read_queues() if binding.queue.startswith(f"{domain}.")}
