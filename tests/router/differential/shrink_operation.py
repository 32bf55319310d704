"""Makes a failing operation small: takes away what can be taken away while it still fails, over and over."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    parse,
    print_ast,
    validate,
)

from tests.router.differential.make_operation import Operation

_RUNS_MAX = 400
"""Runs of a smaller operation in all; enough for what the generator draws."""

StillFails = Callable[[Operation], Awaitable[bool]]


async def shrink_operation(schema: GraphQLSchema, operation: Operation, still_fails: StillFails) -> Operation:
    """The smallest operation that was found to fail like *operation*."""
    runs = 0
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for document in _smaller_documents(parse(operation.text, no_location=True)):
            candidate = _without_unused(document, operation)
            if candidate.text == operation.text or validate(schema, parse(candidate.text)):
                continue
            runs += 1
            if runs > _RUNS_MAX:
                return operation
            if await still_fails(candidate):
                operation, is_smaller = candidate, True
                break
    return operation


def _smaller_documents(document: DocumentNode) -> Iterator[DocumentNode]:
    """*document* with one thing less, in every way; the largest things first."""
    for index, definition in enumerate(document.definitions):
        for smaller in _smaller(definition):
            yield replace(document, definitions=_exchanged(document.definitions, index, (smaller,)))


def _smaller(node: Any) -> Iterator[Any]:
    """A definition or a selection with one thing less."""
    selections = node.selection_set.selections if getattr(node, "selection_set", None) else ()
    for index, selection in enumerate(selections):
        if len(selections) > 1:
            yield _with_selections(node, _exchanged(selections, index, ()))
        if isinstance(selection, InlineFragmentNode):
            yield _with_selections(node, _exchanged(selections, index, selection.selection_set.selections))
        for smaller in _barer(selection):
            yield _with_selections(node, _exchanged(selections, index, (smaller,)))
    for index, selection in enumerate(selections):
        for smaller in _smaller(selection):
            yield _with_selections(node, _exchanged(selections, index, (smaller,)))


def _barer(selection: Any) -> Iterator[Any]:
    if selection.directives:
        yield replace(selection, directives=())
    if getattr(selection, "alias", None):
        yield replace(selection, alias=None)
    if getattr(selection, "arguments", None):
        yield replace(selection, arguments=())


def _with_selections(node: Any, selections: tuple[Any, ...]) -> Any:
    return replace(node, selection_set=replace(node.selection_set, selections=selections))


def _exchanged(nodes: tuple[Any, ...], index: int, by: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*nodes[:index], *by, *nodes[index + 1 :])


def _without_unused(document: DocumentNode, operation: Operation) -> Operation:
    """*document* without fragments and variables that nothing uses any more."""
    definitions = list(document.definitions)
    while True:
        text = "\n".join(print_ast(each) for each in definitions)
        used = [
            each
            for each in definitions
            if not isinstance(each, FragmentDefinitionNode) or f"...{each.name.value}" in text.replace("... ", "...")
        ]
        if len(used) == len(definitions):
            break
        definitions = used
    (made,) = (each for each in definitions if isinstance(each, OperationDefinitionNode))
    body = "\n".join(
        print_ast(each.selection_set) + " ".join(map(print_ast, each.directives or ())) for each in definitions
    )
    kept = tuple(each for each in made.variable_definitions or () if f"${each.variable.name.value}" in body)
    definitions[definitions.index(made)] = replace(made, variable_definitions=kept)
    names = {each.variable.name.value for each in kept}
    variables = {name: value for name, value in operation.variables.items() if name in names}
    return replace(operation, text="\n".join(print_ast(each) for each in definitions), variables=variables)
