"""
What an operation selects, in a form for planning: immutable, hashable, small.

Syntax nodes are slow to compare and keep spreads, directives and positions. Here a condition is a set of variables
with the values they must have, it is written on fields only, and it is whole: a field's condition holds those of the
fields and fragments around it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trevo.operation.deferral import NOW, Mark
from trevo.plan.conditions import ALWAYS, Condition, Conditions


@dataclass(frozen=True, slots=True)
class FieldSelection:
    """One selected field."""

    name: str
    key: str
    """The response key: the client's alias, or the name. Empty where no client asks for it: the planner names it."""
    arguments: str = ""
    """
    As text, with parentheses, in the order of their names, and then the directives that are for subgraphs:
    `(first: $n, id: "o1") @loud(times: 2)`.
    """
    condition: Condition = ALWAYS
    selections: "tuple[Selection, ...]" = ()
    variables: tuple[str, ...] = field(default=(), compare=False)
    """Those used by the arguments and directives."""
    deferred: Mark = NOW
    """For which deferred fragments alone it is wanted."""
    expansion: "tuple[FragmentSelection, ...]" = field(default=(), compare=False)
    """The same, type by type; given where the field is an interface's and some type may need to be asked apart."""
    fallback: "tuple[FragmentSelection, ...]" = field(default=(), compare=False)
    """Like *expansion*, for a field that is asked of the interface unless something below is then out of reach."""

    @property
    def is_typename(self) -> bool:
        return self.name == "__typename"


@dataclass(frozen=True, slots=True)
class FragmentSelection:
    """Selections for objects of one type only; never of the surrounding type itself."""

    type_name: str
    selections: "tuple[Selection, ...]"
    expansion: "tuple[FragmentSelection, ...]" = field(default=(), compare=False)
    """For an abstract type, the same, by the object types that both it and the surrounding type can be."""


Selection = FieldSelection | FragmentSelection
Selections = tuple[Selection, ...]

TYPENAME = FieldSelection("__typename", "__typename")


def fields_of(selections: Selections) -> Iterator[FieldSelection]:
    """The fields of a selection set, those under fragments too."""
    for selection in selections:
        if isinstance(selection, FieldSelection):
            yield selection
        else:
            yield from fields_of(selection.selections)


def fragments_of(selections: Iterable[Selection]) -> tuple[FragmentSelection, ...]:
    """The fragments of a selection set; it does not look into them."""
    return tuple(each for each in selections if isinstance(each, FragmentSelection))


def print_selections(selections: Selections) -> str:
    """One line: `{ id price(currency: "BRL") ... on Book { title @include(if: $long) } }`."""
    return "{ " + " ".join(_print_selection(selection) for selection in selections) + " }"


def print_condition(condition: Condition) -> str:
    """With a leading space: ` @include(if: $a) @skip(if: $b)`; nothing where there is none."""
    return "".join(f" @{'include' if wanted else 'skip'}(if: ${variable})" for variable, wanted in sorted(condition))


def print_conditions(conditions: Conditions) -> str:
    """The same of any of them: ` @include(if: $a) or @include(if: $b) @skip(if: $a)`."""
    return " or".join(sorted(print_condition(each) for each in conditions))


def print_under_condition(text: str, condition: Condition, rest: str = "") -> str:
    """
    *text*, a field without its selections *rest*, under *condition*.

    A directive may stand only once in a place, so further conditions go on fragments around the field.
    """
    included = sorted(variable for variable, wanted in condition if wanted)
    skipped = sorted(variable for variable, wanted in condition if not wanted)
    own = frozenset({(variable, True) for variable in included[:1]} | {(variable, False) for variable in skipped[:1]})
    text = f"{text}{print_condition(own)}{rest}"
    for variable, wanted in sorted(condition - own):
        text = f"...{print_condition(frozenset({(variable, wanted)}))} {{ {text} }}"
    return text


def _print_selection(selection: Selection) -> str:
    if isinstance(selection, FragmentSelection):
        return f"... on {selection.type_name} {print_selections(selection.selections)}"
    alias = "" if selection.key in {"", selection.name} else f"{selection.key}: "
    children = f" {print_selections(selection.selections)}" if selection.selections else ""
    return f"{alias}{selection.name}{selection.arguments}{print_condition(selection.condition)}{children}"
