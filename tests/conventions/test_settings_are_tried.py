"""
Every setting has a test that sets it, to see what it changes: a figure that nobody tries may change nothing.

A test sets a setting by its name: as a keyword, a mapping's key, an attribute, an environment variable, or as a text in
a file that sets what it names (`setattr(settings, name, …)`, `**{name: …}`).
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.conventions.test_nothing_unread import ROOT, SETTINGS, settings_fields

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def tried_in(tree: ast.Module) -> Iterator[str]:
    by_name = False
    texts = []
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg=str(name)) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.Dict(keys=keys):
                yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))
                by_name |= any(isinstance(key, ast.Name) for key in keys)
            case ast.Call(func=ast.Name(id="setattr") | ast.Attribute(attr="setattr" | "setenv")):
                by_name = True
            case ast.Constant(value=str(text)) if NAME.fullmatch(text):
                texts.append(text)
    if by_name:
        yield from texts


def tried() -> set[str]:
    """Names that tests set; those of environment variables in capitals, with their prefixes."""
    paths = [path for path in (ROOT / "tests").rglob("*.py") if "conventions" not in path.parts]
    return {name for path in paths for name in tried_in(ast.parse(path.read_text(encoding="utf-8")))}


def is_tried(setting: str, names: set[str]) -> bool:
    variable = setting.upper()
    return setting in names or variable in names or any(name.endswith(f"_{variable}") for name in names)


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_is_set_by_a_test(path) -> None:
    names = tried()
    untried = [setting for setting in settings_fields(path) if not is_tried(setting, names)]
    assert untried == [], "show by a test what these change, or remove them"
