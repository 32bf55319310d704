"""The check of every program that a test writes finds what it is for."""

import pytest

from tests.router.program.read_unwritten import read_unwritten


@pytest.mark.parametrize(
    ("lines", "unwritten"),
    [
        (["a = b.get(1)", "return a"], set()),
        (["if b: a = 1", "return a"], {"a"}),
        (["if b: a = 1", "else: a = 2", "return a"], set()),
        (["if b: return 1", "a = 2", "return a"], set()),
        (["for x in b: a = x", "return a"], {"a"}),
        (["for x in b:", "    if x: a = x", "    elif b: b.add(a)"], {"a"}),
        (["a = 1", "for x in b: a.add(x)", "return a"], set()),
        (["return [w for x in b if (w := x)] and w"], {"w"}),
        (["return (w if (w := b) else none(w))"], set()),
        (["return (w if b else (w := b))"], {"w"}),
        (["return elsewhere[b]"], set()),
    ],
)
def test_what_is_not_written_on_every_way_is_found(lines: list[str], unwritten: set[str]) -> None:
    text = "\n".join(["def f(b):", *(f"    {line}" for line in lines)])
    assert read_unwritten(text) == {f"{name} in f" for name in unwritten}
