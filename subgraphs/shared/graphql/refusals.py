"""
Refusals in the graph: every mutation answers with a union of its success and the refusals it can give.

The types are made of the refusals' declarations (`subgraphs.shared.refusal`), the unions by
`subgraphs.shared.graphql.mutation`.
"""

from collections.abc import Sequence
from dataclasses import fields
from inspect import cleandoc
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

import strawberry

import subgraphs.shared.graphql.vocabulary  # noqa: F401  # an enum is described before a refusal names it
from subgraphs.shared import refusal
from subgraphs.shared.graphql.money import Money

_MINOR = "_minor"
_TYPES: dict[type[refusal.Refusal], Any] = {}


@strawberry.interface(description="A rule said no. `message` is for the person, in Portuguese; `code` is for programs.")
class Refusal:
    code: str = strawberry.field(description="The refusal's name, the same as its `__typename`.")
    message: str = strawberry.field(description="One sentence to show to the person, in Portuguese.")
    message_english: str = strawberry.field(description="The same sentence in English.")


def type_of(kind: type[refusal.Refusal]) -> type[Refusal]:
    """
    The graph's type for a kind of refusal.

    Cents become `Money` (`available_minor` is `available`), UUIDs ids, and codes that have no type of their own
    strings. A kind of `shared` is shareable: several domains have it.
    """
    if kind not in _TYPES:
        values: dict[str, Any] = {"__annotations__": {}, "__module__": kind.__module__}
        for name, annotation, description in _shown_fields(kind):
            values["__annotations__"][name.removesuffix(_MINOR)] = _type_in_graph(name, annotation)
            values[name.removesuffix(_MINOR)] = strawberry.field(description=description)
        _TYPES[kind] = strawberry.federation.type(
            type(kind.__name__, (Refusal,), values),
            description=_first_paragraph(kind),
            shareable=kind.__module__ == refusal.__name__,
        )
    made: type[Refusal] = _TYPES[kind]
    return made


def in_graph(refused: refusal.Refusal) -> Refusal:
    """A refusal as its graph's type."""
    kind = type(refused)
    portuguese, english = refused.sentences()
    values = {
        name.removesuffix(_MINOR): _wire_value(name, getattr(refused, name)) for name, _, _ in _shown_fields(kind)
    }
    return type_of(kind)(code=kind.__name__, message=portuguese, message_english=english, **values)


def _shown_fields(kind: type[refusal.Refusal]) -> Sequence[tuple[str, Any, str | None]]:
    """Name, type and description of each field that the graph shows."""
    hints = get_type_hints(kind, include_extras=True)
    shown = []
    for field in fields(kind):  # type: ignore[arg-type]  # kinds are dataclasses
        annotation, notes = hints[field.name], list[Any]()
        if get_origin(annotation) is Annotated:
            annotation, *notes = get_args(annotation)
        if refusal.UNSHOWN not in notes:
            shown.append((field.name, annotation, notes[0] if notes else None))
    return shown


def _type_in_graph(name: str, annotation: Any) -> Any:
    if name.endswith(_MINOR):
        return Money
    if annotation is UUID:
        return strawberry.ID
    return str if get_origin(annotation) is Literal else annotation


def _wire_value(name: str, value: Any) -> Any:
    if name.endswith(_MINOR):
        return Money.of_minor(value)
    return strawberry.ID(str(value)) if isinstance(value, UUID) else value


def _first_paragraph(kind: type[refusal.Refusal]) -> str:
    return " ".join(cleandoc(kind.__doc__ or "").split("\n\n")[0].split())
