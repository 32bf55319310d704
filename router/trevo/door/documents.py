"""
How much a document asks for, before anything dear is done with it.

    query { ...A ...A }   fragment A on Query { ...B ...B }   fragment B on Query { ...C ...C }   …

A few hundred characters can stand for millions of fields. Each fragment is therefore measured once and its figures
are added wherever it is spread, so that measuring is linear in the text however much the text expands to. Validation is
not linear, so it comes after measuring.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from trevo.door.one_of import VariablesInOneOfRule
from trevo.door.plainly_valid import is_plainly_valid
from trevo.door.too_much import TooMuch

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})

CONDITIONS = frozenset({"skip", "include", "defer"})
"""Directives that say by a Boolean what an operation is."""

VALIDATION_ERRORS_MAX = 20
"""Validation stops there: the first few errors help, and suggestions for a thousand names are work."""


@dataclass(frozen=True, slots=True)
class DocumentBounds:
    """What one document may ask for. Each bound has its own code, named at the setting that it comes from."""

    query_characters_max: int
    tokens_max: int
    depth_max: int
    value_depth_max: int
    root_fields_max: int
    aliases_max: int
    introspection_aliases_max: int
    directives_max: int
    fields_max: int
    comparisons_max: int
    conditions_max: int
    name_characters_max: int


def read_document(
    schema: GraphQLSchema,
    text: str,
    bounds: DocumentBounds,
    *,
    further_rules: Sequence[type[ASTValidationRule]] = (),
    hide_suggestions: bool = False,
    needs_locations: bool = True,
) -> tuple[DocumentNode, list[GraphQLError]]:
    """
    The document in *text*, and what is wrong with it by the rules of GraphQL and *further_rules*.

    Without *needs_locations* the document's nodes may not know where they stand; what is wrong is told with its place
    all the same.

    Raises TooMuch as `parse_document` and `check_size` do, and with `QUERY_TOO_COMPLEX`; and GraphQLSyntaxError.
    """
    document = parse_document(text, bounds, needs_locations=needs_locations)
    check_size(document, bounds)
    rules: Sequence[type[ASTValidationRule]] = further_rules
    judged = document
    if not is_plainly_valid(schema, document, comparisons_max=bounds.comparisons_max):
        rules = (*_rules(bounds.comparisons_max), *further_rules)
        if not needs_locations:
            judged = parse_document(text, bounds)
    return document, _validate(schema, judged, rules, hide_suggestions=hide_suggestions) if rules else []


def parse_document(text: str, bounds: DocumentBounds, *, needs_locations: bool = True) -> DocumentNode:
    """
    Parse *text*, reading no more of it than the bounds allow. With locations, nodes take twice the memory.

    Codes: `QUERY_TOO_LONG`, `QUERY_TOO_MANY_TOKENS`, `QUERY_TOO_DEEP`. Raises GraphQLSyntaxError.
    """
    if len(text) > bounds.query_characters_max:
        raise TooMuch("QUERY_TOO_LONG", f"The query is longer than {bounds.query_characters_max} characters.")
    try:
        return parse(
            text,
            no_location=not needs_locations,
            max_lexical_tokens=bounds.tokens_max,
            allow_empty_selection_sets=False,
        )
    except RecursionError:
        raise TooMuch("QUERY_TOO_DEEP", "The query is nested too deeply to be read.") from None
    except GraphQLSyntaxError as error:
        if re.search(r"more than \d+ tokens", error.message):
            message = f"The query has more than {bounds.tokens_max} tokens."
            raise TooMuch("QUERY_TOO_MANY_TOKENS", message) from None
        if "nested too deeply" in error.message:
            raise TooMuch("QUERY_TOO_DEEP", "The query is nested too deeply to be read.") from None
        raise


def _validate(
    schema: GraphQLSchema,
    document: DocumentNode,
    rules: Sequence[type[ASTValidationRule]],
    *,
    hide_suggestions: bool,
) -> list[GraphQLError]:
    """
    What is wrong with *document*, whose size has been checked, by *rules*.

    The one rule that is not linear in the document, overlapping fields, stops when its budget of comparisons is spent.

    Codes: `QUERY_TOO_COMPLEX`, `QUERY_TOO_DEEP`.
    """
    try:
        errors = validate(schema, document, rules, max_errors=VALIDATION_ERRORS_MAX, hide_suggestions=hide_suggestions)
    except RecursionError:
        raise TooMuch("QUERY_TOO_DEEP", "The query is nested too deeply to be validated.") from None
    if any(_is_out_of_budget(error) for error in errors):
        message = "The query repeats fields so often that it cannot be validated; merge the repetitions."
        raise TooMuch("QUERY_TOO_COMPLEX", message)
    return errors


def _is_out_of_budget(error: GraphQLError) -> bool:
    # The other reason to stop, too many errors, explains itself.
    return isinstance(error, ValidationAbortedError) and "error limit" not in error.message


@lru_cache(maxsize=8)
def _rules(comparisons_max: int) -> tuple[type[ASTValidationRule], ...]:
    """The specified rules, the dear one with a budget of its own: the library's is for the whole process."""

    class Bounded(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: Any) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = 2 * comparisons_max

    bounded = (Bounded if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    return (*bounded, VariablesInOneOfRule)


def fragments_by_name(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments that *document* defines."""
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


@dataclass(frozen=True, slots=True)
class Measure:
    """What a selection set amounts to with its fragments expanded."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    root_fields: int = 0


class _Measuring:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.known: dict[str, Measure] = {}
        self.under_way: set[str] = set()
        self.directives = 0
        self.condition_variables: set[str] = set()
        self.value_depth = 0
        self.introspection_aliases = 0
        self.name_characters = 0
        """Of the longest alias or label of `@defer`: every object of the answer may repeat it."""

    def selection_set(self, selection_set: SelectionSetNode | None) -> Measure:
        fields = aliases = depth = root_fields = 0
        for node in selection_set.selections if selection_set else ():
            self.count_directives(node.directives)
            if isinstance(node, FieldNode):
                if node.alias is not None:
                    self.name_characters = max(self.name_characters, len(node.alias.value))
                self.measure_values(tuple(argument.value for argument in node.arguments or ()))
                below = self.selection_set(node.selection_set)
                fields += 1 + below.fields
                aliases += (node.alias is not None) + below.aliases
                depth = max(depth, 1 + below.depth)
                root_fields += 1
                if node.name.value in INTROSPECTION_FIELDS:
                    self.introspection_aliases += (node.alias is not None) + below.aliases
                continue
            below = self.fragment_node(node)
            fields += below.fields
            aliases += below.aliases
            depth = max(depth, below.depth)
            root_fields += below.root_fields
        return Measure(fields, aliases, depth, root_fields)

    def fragment_node(self, node: SelectionNode) -> Measure:
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value)
        return self.selection_set(node.selection_set) if isinstance(node, InlineFragmentNode) else Measure()

    def fragment(self, name: str) -> Measure:
        if name in self.known:
            return self.known[name]
        definition = self.fragments.get(name)
        # Unknown fragments and circles are found by validation, with a better message.
        if definition is None or name in self.under_way:
            return Measure()
        self.under_way.add(name)
        self.count_directives(definition.directives)
        measure = self.selection_set(definition.selection_set)
        self.under_way.discard(name)
        self.known[name] = measure
        return measure

    def count_directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        for directive in directives or ():
            self.directives += 1
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode) and directive.name.value in CONDITIONS:
                    self.condition_variables.add(argument.value.name.value)
                if isinstance(argument.value, StringValueNode) and directive.name.value == "defer":
                    self.name_characters = max(self.name_characters, len(argument.value.value))
            self.measure_values(tuple(argument.value for argument in directive.arguments or ()))

    def measure_values(self, values: tuple[ValueNode, ...]) -> None:
        depth = 0
        while values:
            self.value_depth = max(self.value_depth, depth)
            depth += 1
            values = tuple(child for value in values for child in _children(value))


def _children(value: ValueNode) -> tuple[ValueNode, ...]:
    match value:
        case ListValueNode():
            return tuple(value.values)
        case ObjectValueNode():
            return tuple(field.value for field in value.fields)
        case _:
            return ()


def check_size(document: DocumentNode, bounds: DocumentBounds) -> None:
    """
    Refuse *document* if one of its operations asks for more than the bounds allow.

    Codes: `QUERY_TOO_DEEP`, `QUERY_TOO_LARGE`, `QUERY_TOO_MANY_ALIASES`, `QUERY_TOO_MANY_ROOT_FIELDS`,
    `QUERY_TOO_MANY_DIRECTIVES`, `QUERY_TOO_MANY_CONDITIONS`, `VALUE_TOO_DEEP`, `NAME_TOO_LONG`.
    """
    measuring = _Measuring(fragments_by_name(document))
    try:
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                measuring.count_directives(node.directives)
                for variable in node.variable_definitions or ():
                    measuring.count_directives(variable.directives)
                    if variable.default_value is not None:
                        measuring.measure_values((variable.default_value,))
                _check_operation(measuring.selection_set(node.selection_set), bounds)
            elif isinstance(node, FragmentDefinitionNode):
                # Also where nothing spreads it: validation will walk it all the same.
                _check_fields(measuring.fragment(node.name.value), bounds)
    except RecursionError:
        raise TooMuch("QUERY_TOO_DEEP", "The query's fragments are nested too deeply.") from None
    if measuring.introspection_aliases > bounds.introspection_aliases_max:
        raise TooMuch(
            "QUERY_TOO_MANY_ALIASES", f"Introspection may use {bounds.introspection_aliases_max} aliases at most."
        )
    if measuring.directives > bounds.directives_max:
        raise TooMuch("QUERY_TOO_MANY_DIRECTIVES", f"The query has more than {bounds.directives_max} directives.")
    if len(measuring.condition_variables) > bounds.conditions_max:
        raise TooMuch(
            "QUERY_TOO_MANY_CONDITIONS",
            f"The query uses more than {bounds.conditions_max} variables in @skip, @include and @defer.",
        )
    if measuring.value_depth > bounds.value_depth_max:
        raise TooMuch("VALUE_TOO_DEEP", f"A value in the query is nested deeper than {bounds.value_depth_max} levels.")
    if measuring.name_characters > bounds.name_characters_max:
        message = f"An alias or a label of the query is longer than {bounds.name_characters_max} characters."
        raise TooMuch("NAME_TOO_LONG", message)


def _check_operation(measure: Measure, bounds: DocumentBounds) -> None:
    if measure.depth > bounds.depth_max:
        raise TooMuch("QUERY_TOO_DEEP", f"The query is {measure.depth} levels deep; {bounds.depth_max} are allowed.")
    if measure.root_fields > bounds.root_fields_max:
        raise TooMuch("QUERY_TOO_MANY_ROOT_FIELDS", f"The query has more than {bounds.root_fields_max} root fields.")
    _check_fields(measure, bounds)
    if measure.aliases > bounds.aliases_max:
        raise TooMuch("QUERY_TOO_MANY_ALIASES", f"The query has more than {bounds.aliases_max} aliases.")


def _check_fields(measure: Measure, bounds: DocumentBounds) -> None:
    if measure.fields > bounds.fields_max:
        raise TooMuch("QUERY_TOO_LARGE", f"The query selects more than {bounds.fields_max} fields, fragments expanded.")
