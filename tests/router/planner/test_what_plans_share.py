"""Plans are kept by the thousand: what is equal in one is one object, and none of it can be changed."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.router.operation_tree import tree_of
from tests.router.small_graph import SUPERGRAPH
from trevo.execute.prepare import prepare_plan
from trevo.planner import Planner
from trevo.supergraph import load_supergraph

PLANNER = Planner(load_supergraph(SUPERGRAPH))
OPERATION = tree_of(
    "{ me { name reviews { product { ...P } } } topProducts { ...P } } "
    "fragment P on Product { name shippingEstimate reviews { author { name } } }"
)


def test_what_is_sent_in_one_way_is_written_down_once() -> None:
    plan = PLANNER.plan(OPERATION)
    calls = [call for fetch in plan.fetches for call in fetch.calls]
    inputs = [input_ for call in calls for input_ in call.inputs]
    assert len(inputs) > len(set(inputs)) == len({id(input_) for input_ in inputs})
    prepared = prepare_plan(plan)
    ways = {call.node.inputs: call.inputs for fetch in prepared.fetches for call in fetch.calls}
    for fetch in prepared.fetches:
        assert all(call.inputs is ways[call.node.inputs] for call in fetch.calls)


def test_what_a_part_asks_alone_is_its_call_where_it_is_all_of_it() -> None:
    for fetch in PLANNER.plan(OPERATION).fetches:
        for part in fetch.parts:
            if part.alone is not None and part.alone == fetch.calls[part.call]:
                assert part.alone is fetch.calls[part.call]


def test_below_leaves_nothing_can_be_put() -> None:
    leaves = [leaf for fetch in PLANNER.plan(OPERATION).fetches for leaf in _leaves(fetch.outputs)]
    assert len({id(leaf) for leaf in leaves}) == 1
    with pytest.raises(TypeError):
        leaves[0]["name"] = {}


def _leaves(outputs: Mapping[str, Any]) -> list[Any]:
    return [leaf for below in outputs.values() for leaf in (_leaves(below) if below else [below])]
