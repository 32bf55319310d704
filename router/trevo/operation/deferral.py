"""
Which parts of an operation are wanted later.

    { product { name ...Slow @defer(label: "slow") } }      name at once, what Slow selects later: Deferral 1, "slow"

`defer_parts` writes an operation out for given values of its conditions: spreads stand in place, `@skip`, `@include`
and `@defer` are decided, and each field that stands in a deferred fragment says so itself, by a `DeferralNode` for a
directive. So a deferral means one place of the operation, and everybody who reads the result (planner, projection)
reads the same. Introspection needs nobody and is never deferred.

A field may be selected in several fragments. Its *mark* says for whom it is wanted: for none of them in particular
(`NOW`, it was also selected outside), or for these deferrals alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    REMOVE,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    Visitor,
    visit,
)

from trevo.door.documents import CONDITIONS, INTROSPECTION_FIELDS
from trevo.errors import refuse


@dataclass(frozen=True, slots=True, eq=False)
class Deferral:
    """A fragment that is wanted later, at one place of an operation."""

    number: int
    """From 1, in the order of the operation."""
    label: str | None
    above: "Deferral | None"
    """The deferral that it stands in."""
    depth: int
    """How many response keys lead to the objects that it is about."""

    def is_within(self, mark: "Mark") -> bool:
        """Whether it stands in one of *mark*."""
        above = self.above
        while above is not None:
            if above in mark:
                return True
            above = above.above
        return False


Mark = frozenset[Deferral]
"""The deferrals for which something is wanted."""

NOW: Mark = frozenset()


def sooner(one: Mark, other: Mark) -> Mark:
    """The mark of what is wanted for both: it is had with the first of them."""
    if not one or not other:
        return NOW
    both = one | other
    return frozenset(each for each in both if not each.is_within(both))


def numbers_of(mark: Mark) -> frozenset[int]:
    """Its deferrals, by their numbers."""
    return frozenset(deferral.number for deferral in mark) if mark else _NO_NUMBERS


_NO_NUMBERS: frozenset[int] = frozenset()


def is_later(one: Mark, other: Mark) -> bool:
    """Whether what is wanted for *one* may be had later than what is wanted for *other*."""
    return sooner(one, other) != one


@dataclass(frozen=True, kw_only=True, repr=False)
class DeferralNode(DirectiveNode):
    """On a field of an operation that is written out: the innermost deferral that it stands in."""

    deferral: Deferral


def mark_of(node: FieldNode) -> Mark:
    """For whom *node* is wanted, as far as it says itself."""
    for each in node.directives or ():
        if isinstance(each, DeferralNode):
            return frozenset({each.deferral})
    return NOW


def without_defer(document: DocumentNode) -> DocumentNode:
    """*document* as it is answered at once."""
    without: DocumentNode = visit(document, _Removing())
    return without


class _Removing(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> Any:
        return REMOVE if node.name.value == "defer" else None


@dataclass(frozen=True, slots=True)
class DeferConditions:
    """When something of an operation is deferred."""

    variables: tuple[str, ...]
    """Those that decide what, in a fixed order."""
    is_sure: bool
    """Whether something is, whatever they say."""

    def may_hold(self, conditions: Mapping[str, bool]) -> bool:
        """Whether something is deferred under these *conditions*, unless it is left out."""
        return self.is_sure or any(conditions[name] for name in self.variables)


def defer_conditions(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> DeferConditions | None:
    """When something of *operation* is deferred; None for never."""
    names: set[str] = set()
    seen: set[str] = set()
    is_sure = False
    waiting = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            directive = _directive(node, "defer")
            if directive is not None:
                value = _argument(directive, "if")
                if isinstance(value, VariableNode):
                    names.add(value.name.value)
                else:
                    is_sure = is_sure or not (isinstance(value, BooleanValueNode) and not value.value)
            if isinstance(node, FragmentSpreadNode):
                if node.name.value not in seen:
                    seen.add(node.name.value)
                    waiting.append(fragments[node.name.value].selection_set)
            elif isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set:
                waiting.append(node.selection_set)
    return DeferConditions(tuple(sorted(names)), is_sure) if names or is_sure else None


def defer_parts(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    conditions: Mapping[str, bool],
    deferrals_max: int,
) -> OperationDefinitionNode:
    """
    *operation* under these values of its conditions.

    Refuses with `QUERY_TOO_MANY_DEFERRALS` where more than *deferrals_max* fragments are deferred.
    """
    writing = _Writing(fragments, conditions, deferrals_max)
    selections = tuple(writing.selections(operation.selection_set, None, ()))
    return replace(operation, selection_set=SelectionSetNode(selections=selections))


_Place = tuple[str, ...]
"""The response keys that lead to an object, from the root."""


class _Writing:
    def __init__(
        self, fragments: Mapping[str, FragmentDefinitionNode], conditions: Mapping[str, bool], deferrals_max: int
    ) -> None:
        self._deferrals: dict[object, Deferral] = {}
        """By what is deferred, and where; the same fragment may be spread twice at one place."""
        self._fragments = fragments
        self._conditions = conditions
        self._deferrals_max = deferrals_max

    def selections(self, node: SelectionSetNode, above: Deferral | None, place: _Place) -> Iterator[SelectionNode]:
        for each in node.selections:
            if not self._is_included(each):
                continue
            if isinstance(each, FieldNode):
                yield self._field(each, above, place)
            elif isinstance(each, FragmentSpreadNode):
                fragment = self._fragments[each.name.value]
                # Directives of both are kept, for those who pass them on or refuse them.
                directives = (*(each.directives or ()), *(fragment.directives or ()))
                yield self._fragment(each, fragment.type_condition, directives, fragment.selection_set, above, place)
            elif isinstance(each, InlineFragmentNode):
                directives = each.directives or ()
                yield self._fragment(each, each.type_condition, directives, each.selection_set, above, place)

    def _field(self, node: FieldNode, above: Deferral | None, place: _Place) -> FieldNode:
        if node.name.value in INTROSPECTION_FIELDS:
            # The same node: its answer is known by it.
            return node
        others = tuple(each for each in node.directives or () if each.name.value not in CONDITIONS)
        if above is not None:
            others = (*others, DeferralNode(name=NameNode(value="defer"), arguments=(), deferral=above))
        if node.selection_set is None:
            return replace(node, directives=others)
        below = (*place, (node.alias or node.name).value)
        inner = SelectionSetNode(selections=tuple(self.selections(node.selection_set, above, below)))
        return replace(node, directives=others, selection_set=inner)

    def _fragment(  # noqa: PLR0917  # a spread and an inline fragment, taken apart alike
        self,
        node: SelectionNode,
        on: NamedTypeNode | None,
        directives: tuple[DirectiveNode, ...],
        selection_set: SelectionSetNode,
        above: Deferral | None,
        place: _Place,
    ) -> InlineFragmentNode:
        kept = tuple(each for each in directives if each.name.value not in CONDITIONS)
        deferral = self._deferral(node, above, place)
        inner = SelectionSetNode(selections=tuple(self.selections(selection_set, deferral or above, place)))
        return InlineFragmentNode(type_condition=on, directives=kept, selection_set=inner)

    def _deferral(self, node: SelectionNode, above: Deferral | None, place: _Place) -> Deferral | None:
        directive = _directive(node, "defer")
        if directive is None or not self._value(_argument(directive, "if"), otherwise=True):
            return None
        label = _argument(directive, "label")
        text = label.value if isinstance(label, StringValueNode) else None
        what = node.name.value if isinstance(node, FragmentSpreadNode) else id(node)
        known = (above, place, what, text)
        if known not in self._deferrals:
            if len(self._deferrals) == self._deferrals_max:
                message = f"More than {self._deferrals_max} fragments are deferred."
                raise refuse("QUERY_TOO_MANY_DEFERRALS", message)
            self._deferrals[known] = Deferral(len(self._deferrals) + 1, text, above, len(place))
        return self._deferrals[known]

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name in {"skip", "include"} and self._value(_argument(directive, "if")) is (name == "skip"):
                return False
        return True

    def _value(self, value: ValueNode | None, *, otherwise: bool = False) -> bool:
        if isinstance(value, VariableNode):
            return self._conditions[value.name.value]
        return value.value if isinstance(value, BooleanValueNode) else otherwise


def _directive(node: SelectionNode, name: str) -> DirectiveNode | None:
    return next((directive for directive in node.directives or () if directive.name.value == name), None)


def _argument(directive: DirectiveNode, name: str) -> ValueNode | None:
    return next((each.value for each in directive.arguments or () if each.name.value == name), None)
