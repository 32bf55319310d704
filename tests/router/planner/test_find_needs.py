"""What a step comes after, beside what the third stage says."""

from trevo.plan.nodes import Each, Key, Path, RepresentationField, RepresentationInput
from trevo.planner.arrange.find_needs import find_needs
from trevo.planner.build_fetch_steps.fetch_step import FetchStep, Output, OutputField, StepKind

ID = RepresentationField("id", "id", (), is_key=True)


def a_step(number: int, path: Path, *keys: str, sends: str | None = None, after: tuple[int, ...] = ()) -> FetchStep:
    """One that asks for *keys* of what is at *path*."""
    fields = {
        (key, frozenset[tuple[str, bool]]()): OutputField(key, key, "", (), frozenset(), "String", None) for key in keys
    }
    inputs = []
    if sends is not None:
        sent = (ID, RepresentationField(sends, sends))
        inputs = [RepresentationInput(frozenset({"Book"}), "Book", sent, is_for_some_types=False)]
    return FetchStep(
        number,
        StepKind.ENTITIES,
        "shop",
        path,
        inputs=inputs,
        outputs={"Book": Output(fields=fields)},
        after=set(after),
    )


def needs(*levels: list[FetchStep]) -> dict[int, set[int]]:
    steps = [step for level in levels for step in level]
    return find_needs(steps, {step.id: number for number, level in enumerate(levels) for step in level})


def test_what_a_needed_step_needs_itself_is_not_named_again() -> None:
    first, second = a_step(0, (), "book"), a_step(1, (Key("book"),), "weight", after=(0,))
    third = a_step(2, (Key("book"),), "price", after=(0, 1))
    assert needs([first], [second], [third]) == {0: set(), 1: {0}, 2: {1}}


def with_below(step: FetchStep, key: str, *below: str) -> FetchStep:
    """*step*, asking for the members *below* of what it asks for as *key*."""
    (output,) = step.outputs.values()
    (inner,) = a_step(0, (), *below).outputs.values()
    output.fields[key, frozenset()].output = inner
    return step


def test_who_may_bring_an_object_is_waited_for() -> None:
    one, other = a_step(0, (), "book"), a_step(1, (), "book", "me")
    below = a_step(2, (Key("book"),), "text", after=(0,))
    assert needs([one, other], [below])[2] == {0, 1}


def test_also_where_it_brings_it_with_what_the_object_lies_in() -> None:
    one, other = (with_below(a_step(number, (), "book"), "book", "pages") for number in (0, 1))
    below = a_step(2, (Key("book"), Key("pages"), Each()), "text", after=(0,))
    assert needs([one, other], [below])[2] == {0, 1}


def test_who_brings_something_else_of_what_the_object_lies_in_is_not() -> None:
    one, other = with_below(a_step(0, (), "book"), "book", "pages"), with_below(a_step(1, (), "book"), "book", "cover")
    below = a_step(2, (Key("book"), Key("pages"), Each()), "text", after=(0,))
    assert needs([one, other], [below])[2] == {0}


def test_who_may_bring_what_is_sent_is_waited_for() -> None:
    first = a_step(0, (), "book")
    one, other = (a_step(number, (Key("book"),), "weight", after=(0,)) for number in (1, 2))
    price = a_step(3, (Key("book"),), "price", sends="weight", after=(1,))
    assert needs([first], [one, other], [price])[3] == {1, 2}


def test_who_brings_something_else_there_is_not() -> None:
    first = a_step(0, (), "book")
    one, other = a_step(1, (Key("book"),), "weight", after=(0,)), a_step(2, (Key("book"),), "title", after=(0,))
    price = a_step(3, (Key("book"),), "price", sends="weight", after=(1,))
    assert needs([first], [one, other], [price])[3] == {1}


def test_nor_who_is_asked_at_the_same_time_or_later() -> None:
    first = a_step(0, (), "book")
    price = a_step(1, (Key("book"),), "price", sends="weight", after=(0,))
    same, later = (a_step(number, (Key("book"),), "weight", after=(0,)) for number in (2, 3))
    assert needs([first], [price, same], [later])[1] == {0}
