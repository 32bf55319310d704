"""What is written of an operation, and what it reads: from hand-made supergraphs, printed."""

from dataclasses import replace

import pytest

from tests.router.operation_tree import tree_of
from tests.router.program.both_forms import program_of
from tests.router.small_graph import SUPERGRAPH
from trevo.plan.nodes import RepresentationField
from trevo.program.give_up import GiveUp
from trevo.program.layout import CannotCompile
from trevo.program.program import compile_program
from trevo.program.text import print_program
from trevo.projection.build import ResponseTypes, build_projection
from trevo.supergraph import load_supergraph

GRAPH = load_supergraph(SUPERGRAPH)


def test_what_is_read_of_an_object_is_read_once_and_entries_are_found_by_it() -> None:
    text = print_program(program_of(GRAPH, "{ topProducts { upc name inStock } }"))
    assert text.startswith(
        """\
# T[n] is the answer to a request, or the table of a call: what was sent, what was answered.
# step 0: products → T[1]
# step 1 after 0: inventory → T[2] by collect_2


def collect_2(T):
    T1 = T[1]
    found = {}
    v1 = T1['topProducts']
    if v1 is not None:
        for x2 in watched(v1):
            if x2 is not None:
                v3 = x2['upc']
                if v3 is None:
                    unusual()
                found[v3] = None
    return found, [{'__typename': 'Product', 'upc': a4} for a4 in watched(list(found))]


def project_1_Product(b, T):
    T2 = T[2]
    v2 = b['upc']
    o1 = T2.get(v2) or NOTHING
    return {
        'upc': (w2 if type(w2 := v2) is str else str(w2) if type(w2) is int else unusual()),
        'name': (w2 if type(w2 := b['name']) is str else none(w2)),
        'inStock': (w2 if type(w2 := o1['inStock']) is bool else unusual()),
    }
"""
    )


def test_what_follows_from_a_key_alone_is_written_once_and_looked_for_before_the_call() -> None:
    text = program_of(GRAPH, "{ me { reviews { product { upc inStock } } } }").text
    assert "(T[0][4].get(w3['upc']) or project_3_Product(w3, T))" in text
    assert "    if type(v2) is str: T[0][4][v2] = once\n    return once\n" in text
    assert "T[0]" not in program_of(GRAPH, "{ topProducts { upc name inStock } }").text


def test_what_it_weighs_grows_with_what_is_written() -> None:
    small = program_of(GRAPH, "{ me { name } }")
    large = program_of(GRAPH, "{ me { name reviews { body author { name email } } } }")
    assert 1_000 < small.weigh() < large.weigh() < 100_000


def test_there_is_none_for_a_plan_of_which_something_comes_later() -> None:
    program = program_of(GRAPH, "{ me { name } }")
    (fetch,) = program.plan.fetches
    later = replace(fetch, node=replace(fetch.node, deferred=frozenset({1})))
    with pytest.raises(CannotCompile, match="deferred"):
        compile_program(
            replace(program.plan, fetches=(later,)),
            build_projection(ResponseTypes(GRAPH.public_schema), tree_of("{ me { name } }"), {}),
            {},
        )


def test_a_key_within_a_key_that_is_null_is_an_odd_value_and_no_bug() -> None:
    below = program_of(GRAPH, "{ me { name } }").module.names["below"]
    selection = RepresentationField("ref", "ref", (RepresentationField("code", "code", is_key=True),))
    assert below({"code": 1}, None, selection) == {"code": 1}
    for value in ({"code": None}, {}):
        with pytest.raises(GiveUp, match="value"):
            below(value, None, selection)
