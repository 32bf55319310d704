"""The configuration file as the settings' own code documents it: its JSON Schema, and a file with every setting."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_jsonable_python

from trevo.config.describe_settings import group_of
from trevo.config.settings import Settings

WIDTH = 100
REFERENCE = {"type": "string", "pattern": r"\$\{[A-Za-z_]"}
"""`${NAME}`, which may stand where a number or a truth value is wanted."""


def config_schema() -> dict[str, Any]:
    """The JSON Schema of the file, by which an editor completes and checks it."""
    schema: dict[str, Any] = _with_references(Settings.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Settings of trevo"}


def _with_references(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_references(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    within = {name: part if name == "default" else _with_references(part) for name, part in schema.items()}
    if within.get("type") not in ("integer", "number", "boolean"):
        return within
    said = ("default", "description", "title")
    figure = {name: part for name, part in within.items() if name not in said}
    return {name: within[name] for name in said if name in within} | {"anyOf": [figure, REFERENCE]}


def config_with_everything() -> str:
    """A file that sets each setting to its default, with its meaning above it."""
    head = "Every setting of trevo with its default. Keep what you change; what is left out is as it stands here."
    return "\n".join([*_comment(head, ""), *_write(Settings, "")]) + "\n"


def _write(model: type[BaseModel], indent: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        default = PydanticUndefined if field.is_required() else field.get_default(call_default_factory=True)
        group = group_of(field.annotation)
        yield ""
        yield from _comment(field.description or (group and group.__doc__) or "", indent)
        if isinstance(default, BaseModel) and group is not None:
            yield f"{indent}{name}:"
            yield from _write(group, f"{indent}  ")
            continue
        hidden = "#" if default is PydanticUndefined else ""
        value = "…" if hidden else json.dumps(_plain(default), ensure_ascii=False)
        yield f"{indent}{hidden}{name}: {value}"
        if group is not None:
            yield from (f"#{line}" if line else "#" for line in _write(group, f"{indent}  "))


def _plain(default: object) -> Any:
    plain = to_jsonable_python(default)
    return sorted(plain) if isinstance(default, (set, frozenset)) else plain


def _comment(text: str, indent: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")
