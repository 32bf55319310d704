"""Which steps become one, of those that ask one subgraph for the objects at one place."""

from dataclasses import replace

from trevo.plan.nodes import Key, RepresentationField, RepresentationInput
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, Output, OutputField, StepKind
from trevo.planner.merge_fetch_steps.merge_siblings import merge_siblings

ROOT = 0


def a_step(number: int, subgraph: str, field: str, *, after: set[int]) -> FetchStep:
    """One that asks *subgraph* for *field* of the book."""
    key = RepresentationField("id", "id", (), is_key=True)
    asked = OutputField(field, field, "", (), frozenset(), "String", None)
    return FetchStep(
        id=number,
        kind=StepKind.ENTITIES,
        subgraph=subgraph,
        path=(Key("book"),),
        inputs=[RepresentationInput(frozenset({"Book"}), "Book", (key,), is_for_some_types=False)],
        outputs={"Book": Output(fields={(field, frozenset()): asked})},
        after=set(after),
    )


def merged(*steps: FetchStep) -> dict[int, tuple[list[str], set[int]]]:
    """What is left: by number, the fields that are asked and the steps before."""
    root = FetchStep(ROOT, StepKind.QUERY, "shop", (), outputs={"Query": Output()})
    left = [each for each in merge_siblings([root, *steps]) if each.id != ROOT]
    return {each.id: (sorted(key for key, _ in each.outputs["Book"].fields), each.needs) for each in left}


def test_steps_of_one_subgraph_and_place_become_one_and_what_follows_either_follows_it() -> None:
    title, price, tax = (
        a_step(1, "store", "title", after={ROOT}),
        a_step(2, "store", "price", after={ROOT}),
        a_step(3, "office", "tax", after={2}),
    )
    assert merged(title, price, tax) == {1: (["price", "title"], {ROOT}), 3: (["tax"], {1})}


def test_a_step_does_not_become_one_with_the_step_it_comes_after() -> None:
    weight = a_step(1, "store", "weight", after={ROOT})
    price = a_step(2, "store", "price", after={1})
    assert merged(weight, price) == {1: (["weight"], {ROOT}), 2: (["price"], {1})}


def test_nor_with_one_that_it_comes_after_through_others() -> None:
    weight = a_step(1, "store", "weight", after={ROOT})
    postage = a_step(2, "post", "postage", after={1})
    price = a_step(3, "store", "price", after={2})
    assert merged(weight, postage, price) == {
        1: (["weight"], {ROOT}),
        2: (["postage"], {1}),
        3: (["price"], {2}),
    }


def test_nor_where_a_merge_has_only_now_put_one_after_the_other() -> None:
    """Once title is asked together with weight, postage follows title too, and so does price."""
    weight = a_step(1, "store", "weight", after={ROOT})
    title = a_step(2, "store", "title", after={ROOT})
    postage = a_step(3, "post", "postage", after={1})
    price = a_step(4, "store", "price", after={3})
    assert merged(weight, title, postage, price) == {
        1: (["weight"], {ROOT}),
        3: (["postage"], {1}),
        4: (["price", "title"], {3, ROOT}),
    }


def test_what_comes_after_the_earlier_step_is_not_made_to_wait_for_the_later_one() -> None:
    weight = a_step(1, "store", "weight", after={ROOT})
    postage = a_step(2, "post", "postage", after={1})
    tax = a_step(3, "office", "tax", after={ROOT})
    price = a_step(4, "store", "price", after={3})
    assert merged(weight, postage, tax, price) == {
        1: (["weight"], {ROOT}),
        2: (["postage"], {1}),
        3: (["tax"], {ROOT}),
        4: (["price"], {3}),
    }


def test_steps_at_one_place_find_out_what_has_become_of_those_after_them() -> None:
    tax = a_step(1, "office", "tax", after={ROOT})
    title = a_step(2, "store", "title", after={1})
    price = a_step(3, "store", "price", after={5})
    parcel = a_step(4, "post", "parcel", after={ROOT})
    postage = a_step(5, "post", "postage", after={ROOT})
    assert merged(tax, title, price, parcel, postage) == {
        1: (["tax"], {ROOT}),
        2: (["price", "title"], {1, 4}),
        4: (["parcel", "postage"], {ROOT}),
    }


def parts(*steps: FetchStep) -> dict[int, list[tuple[list[str], set[int]]]]:
    """Of what is left: by number, what could go alone, as fields and the steps before."""
    root = FetchStep(ROOT, StepKind.QUERY, "shop", (), outputs={"Query": Output()})
    left = [each for each in merge_siblings([root, *steps]) if each.id != ROOT]
    return {
        each.id: [(sorted(key for key, _ in unit.outputs["Book"].fields), unit.after) for unit in each.units]
        for each in left
    }


def test_steps_that_come_after_the_same_are_one_for_good() -> None:
    title = a_step(1, "store", "title", after={ROOT})
    price = a_step(2, "store", "price", after={ROOT})
    assert parts(title, price) == {1: [(["price", "title"], {ROOT})]}


def test_steps_that_come_after_different_ones_stay_parts_and_what_follows_one_follows_that_one_alone() -> None:
    weight = a_step(1, "scales", "weight", after={ROOT})
    title = a_step(2, "store", "title", after={ROOT})
    price = a_step(3, "store", "price", after={1})
    tax = a_step(4, "office", "tax", after={3})
    assert parts(weight, title, price, tax) == {
        1: [(["weight"], {ROOT})],
        3: [(["price"], {1}), (["title"], {ROOT})],
        4: [(["tax"], {3})],
    }


def test_so_do_steps_of_which_one_sends_more_of_the_object() -> None:
    title = a_step(1, "store", "title", after={ROOT})
    price = a_step(2, "store", "price", after={ROOT})
    weight = RepresentationField("weight", "weight")
    price.inputs = [replace(each, selections=(*each.selections, weight)) for each in price.inputs]
    assert parts(title, price) == {1: [(["title"], {ROOT}), (["price"], {ROOT})]}
