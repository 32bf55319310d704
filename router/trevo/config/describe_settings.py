"""Every setting as its own code documents it: the name of its variable, its default, what it means."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from trevo.config.settings import Settings

INDENT = "    "
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Described:
    """One setting."""

    variable: str
    default: object
    meaning: str

    def __str__(self) -> str:
        text = " ".join(self.meaning.split())
        return f"{self.variable}={_as_set(self.default)}\n{textwrap.indent(textwrap.fill(text, WIDTH), INDENT)}"


def describe_settings() -> Iterator[Described]:
    """In the order of the code; those of a group follow its own line, where it may be left out."""
    return _describe(Settings, Settings.model_config.get("env_prefix", ""))


def _describe(model: type[BaseModel], prefix: str) -> Iterator[Described]:
    delimiter = Settings.model_config.get("env_nested_delimiter") or "__"
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        group = group_of(field.annotation)
        default = field.get_default(call_default_factory=True) if not field.is_required() else PydanticUndefined
        if group is None or default is None:
            yield Described(variable, default, field.description or "")
        if group is not None:
            yield from _describe(group, f"{variable}{delimiter}")


def group_of(annotation: object) -> type[BaseModel] | None:
    """The model of settings that *annotation* is, or is when it is not None."""
    choices = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ()
    for candidate in (annotation, *choices):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _as_set(default: object) -> str:
    """*default* as the variable would have to say it; empty where there is none."""
    match default:
        case None:
            return ""
        case _ if default is PydanticUndefined:
            return "…"
        case bool():
            return json.dumps(default)
        case int() | float() | str():
            return str(default)
        case set() | frozenset():
            return json.dumps(sorted(default))
        case _:
            return json.dumps(default, default=str)
