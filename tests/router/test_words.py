"""The table of words says what is in the code, each word once."""

import re
from importlib import import_module
from pathlib import Path

import pytest

TEXT = (Path(__file__).resolve().parents[2] / "router" / "docs" / "words.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!Here)([^|]+?) \| .+ \| `([\w.]+)` \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("word", "where"), ROWS, ids=[word for word, _ in ROWS])
def test_what_is_named_is_in_the_code(word: str, where: str) -> None:
    module, found = where.split("."), []
    while module:
        try:
            thing = import_module(".".join(module))
            break
        except ModuleNotFoundError:
            found.insert(0, module.pop())
    for name in found:
        thing = getattr(thing, name)
    assert word.replace(" ", "").rstrip("s") in where.lower().replace("_", "")


def test_every_row_is_read_and_every_word_is_there_once() -> None:
    assert len(ROWS) == sum(line.startswith("| ") for line in TEXT.splitlines()) - 1 > 20
    assert len({word for word, _ in ROWS}) == len(ROWS)
