"""The table of words says what is in the code, each word once."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

ROUTER = Path(__file__).resolve().parents[2] / "router"
TEXT = (ROUTER / "docs" / "words.md").read_text(encoding="utf-8")
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


def test_a_class_has_its_name_for_itself() -> None:
    files = (ROUTER / "trevo").rglob("*.py")
    texts = "\n".join(file.read_text(encoding="utf-8") for file in files)
    names = Counter(re.findall(r"^class ([A-Z]\w*)", texts, re.MULTILINE))
    assert [name for name, count in names.items() if count > 1] == []
