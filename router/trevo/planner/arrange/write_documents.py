"""
Writes what a step asks as the text of a GraphQL document.

A client may select one response key for `ID` on one member of a union and for `ID!` on another, if the supergraph
says `ID` for both. The subgraph's own types then forbid it. So where fields of one key would clash by the subgraph's
types, all but the first go under an alias, and a Rename puts the answer right.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from trevo.operation.selection import print_under_condition
from trevo.plan.conditions import Condition
from trevo.plan.nodes import Context, ContextSource, Each, Key, Outputs, Path, Rename
from trevo.planner.build_fetch_steps.fetch_step import ContextValue, Output, OutputField


@dataclasses.dataclass(frozen=True, slots=True)
class WrittenSelections:
    """The selections of a step as text."""

    text: str
    variables: tuple[str, ...]
    """The client's that they use."""
    renames: tuple[Rename, ...]
    """What to rename in the answer."""
    contexts: tuple[Context, ...]
    """What of it objects above say, each as a variable."""
    outputs: Outputs = dataclasses.field(compare=False)
    """What the answer should bring, once renamed."""


def write_selections(
    outputs: Mapping[str, Output], holding: Condition, *, by_type: bool, context_prefix: str = ""
) -> WrittenSelections:
    """
    What *outputs* ask, in braces; *by_type* in a fragment for each type (for `_entities`).

    *holding* is what is known to hold when the document is sent, and is not asked again. Variables for contexts are
    called *context_prefix* and a number.
    """
    writing = _Writing(context_prefix)
    writing.separate([(output, ()) for output in outputs.values()])
    if by_type:
        inner = " ".join(
            f"... on {type_name} {writing.braces(output, holding)}" for type_name, output in outputs.items()
        )
        text = f"{{ {inner} }}"
    else:
        (output,) = outputs.values()
        text = writing.braces(output, holding)
    return WrittenSelections(
        text,
        tuple(writing.variables),
        tuple(writing.renames),
        tuple(writing.contexts.values()),
        _outputs_of(outputs.values()),
    )


def _outputs_of(asked: Iterable[Output]) -> Outputs:
    """The response keys of all that is *asked* of one object, whatever its type."""
    found: dict[str, Any] = {}
    for output in asked:
        _add_outputs(found, output)
    return found


def _add_outputs(found: dict[str, Any], output: Output) -> None:
    if output.needs_typename:
        found["__typename"] = _NOTHING
    elif not output.fields and not output.fragments:
        found[_ANYTHING] = _NOTHING
    for field in output.fields.values():
        if field.output is None:
            found.setdefault(field.key, _NOTHING)
        else:
            # A leaf of one type may be an object of another; what is below it is made anew then.
            below = found[field.key] = found.get(field.key) or {}
            _add_outputs(below, field.output)
    for inner in output.fragments.values():
        _add_outputs(found, inner)


_NOTHING: Outputs = MappingProxyType({})
"""Below every leaf of every plan."""

_ANYTHING = "_"
"""The key of the type name where only whether the object exists is asked. It is not `__typename`, for a subgraph with
an `@interfaceObject` does not know the right one."""


class _Writing:
    def __init__(self, context_prefix: str) -> None:
        self.variables: dict[str, None] = {}
        self.contexts: dict[tuple[str, tuple[ContextSource, ...]], Context] = {}
        self._context_prefix = context_prefix
        self.renames: list[Rename] = []
        self._aliases: dict[OutputField, str] = {}

    def braces(self, output: Output, holding: Condition) -> str:
        return "{ " + " ".join(self._parts(output, holding)) + " }"

    def _parts(self, output: Output, holding: Condition) -> Iterator[str]:
        if output.needs_typename:
            yield "__typename"
        elif not output.fields and not output.fragments:
            yield f"{_ANYTHING}: __typename"
        for field in output.fields.values():
            yield self._field(field, holding)
        for type_name, inner in output.fragments.items():
            yield f"... on {type_name} {self.braces(inner, holding)}"

    def _field(self, field: OutputField, holding: Condition) -> str:
        asked = field.condition - holding
        self.variables.update(dict.fromkeys(field.variables))
        self.variables.update(dict.fromkeys(variable for variable, _ in sorted(asked)))
        key = self._aliases.get(field, field.key)
        alias = "" if key == field.name else f"{key}: "
        inner = f" {self.braces(field.output, holding | asked)}" if field.output else ""
        return print_under_condition(f"{alias}{field.name}{self._arguments(field)}", asked, inner)

    def _arguments(self, field: OutputField) -> str:
        if not field.contexts:
            return field.arguments
        taken = ", ".join(f"{each.argument}: ${self._variable(each)}" for each in field.contexts)
        given = field.arguments
        return f"({taken}, {given[1:]}" if given.startswith("(") else f"({taken}){given}"

    def _variable(self, value: ContextValue) -> str:
        known = (value.type_text, value.sources)
        if known not in self.contexts:
            name = f"{self._context_prefix}{len(self.contexts)}"
            self.contexts[known] = Context(name, value.type_text, value.sources)
        return self.contexts[known].variable

    def separate(self, together: list[tuple[Output, Path]]) -> None:
        """Give aliases to fields that may not stand under one key, in outputs that answer the same object."""
        by_key: dict[str, list[tuple[OutputField, Path]]] = {}
        for output, path in together:
            for field in _fields(output):
                by_key.setdefault(field.key, []).append((field, path))
        taken = set(by_key)
        for key, found in by_key.items():
            by_shape: dict[str, list[tuple[OutputField, Path]]] = {}
            for field, path in found:
                by_shape.setdefault(_shape(field), []).append((field, path))
            for number, alike in enumerate(by_shape.values()):
                alias = key if number == 0 else _free_alias(key, taken)
                self._separate_below(alike, alias)
                if number > 0:
                    self._rename(alike, alias)

    def _separate_below(self, alike: list[tuple[OutputField, Path]], alias: str) -> None:
        inner = [
            (field.output, (*path, Key(alias), *(Each(),) * field.type_text.count("[")))
            for field, path in alike
            if field.output
        ]
        if inner:
            self.separate(inner)

    def _rename(self, alike: list[tuple[OutputField, Path]], alias: str) -> None:
        for field, path in alike:
            self._aliases[field] = alias
            rename = Rename(path, alias, field.key)
            if rename not in self.renames:
                self.renames.append(rename)


def _fields(output: Output) -> Iterator[OutputField]:
    """The fields of *output*, whatever type they are for."""
    yield from output.fields.values()
    for inner in output.fragments.values():
        yield from _fields(inner)


def _shape(field: OutputField) -> str:
    """What two fields under one key must have in common."""
    if field.output is None:
        return field.type_text
    return "".join(character for character in field.type_text if character in "[]!")


def _free_alias(key: str, taken: set[str]) -> str:
    number = 1
    while f"_{key}_{number}" in taken:
        number += 1
    taken.add(f"_{key}_{number}")
    return f"_{key}_{number}"
