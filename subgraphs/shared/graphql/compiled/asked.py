"""One operation of a document: what decides what it selects, and how the variables sent with it are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    print_ast,
    visit,
)
from graphql.execution.values import VariableValues, get_variable_values

from subgraphs.shared.graphql.compiled.run import GiveUp

REPRESENTATIONS = "[_Any!]!"
"""The type of a variable that is taken as it comes."""


class CannotCompile(Exception):
    """There is no code for this document; the text says why, in a word."""


@dataclass(frozen=True)
class AskedDocument:
    """One operation of a document, and its fragments."""

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    """The variables by which it is decided what is selected."""

    @classmethod
    def of(cls, document: DocumentNode, operation_name: str | None) -> "AskedDocument":
        """Raises CannotCompile where no query is meant."""
        definitions = document.definitions
        operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
        meant = [each for each in operations if operation_name is None or _name_of(each) == operation_name]
        if len(meant) != 1 or meant[0].operation is not OperationType.QUERY:
            raise CannotCompile("operation")
        fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        if any(fragment.variable_definitions for fragment in fragments.values()):
            raise CannotCompile("fragment")
        return cls(meant[0], fragments, _conditions_in(document))

    @property
    def variables(self) -> tuple[VariableDefinitionNode, ...]:
        return tuple(self.operation.variable_definitions or ())


def _name_of(operation: OperationDefinitionNode) -> str | None:
    return operation.name.value if operation.name else None


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def enter_directive(self, node: Any, *_: Any) -> None:
        if node.name.value in ("skip", "include"):
            for argument in node.arguments:
                if isinstance(argument.value, VariableNode):
                    self.found[argument.value.name.value] = None


def _conditions_in(document: Node) -> tuple[str, ...]:
    visitor = _Conditions()
    visit(document, visitor)
    return tuple(visitor.found)


def names_variable(argument: Node) -> bool:
    return "$" in print_ast(argument)


def variable_reader(core: GraphQLSchema, document: AskedDocument) -> Callable[[Mapping[str, Any]], VariableValues]:
    """A function that coerces the variables of a request; representations are looked at by `_entities` itself."""
    definitions = document.variables
    taken = tuple(each.variable.name.value for each in definitions if print_ast(each.type) == REPRESENTATIONS)
    others = tuple(each for each in definitions if each.variable.name.value not in taken)

    def read(sent: Mapping[str, Any]) -> VariableValues:
        values = get_variable_values(core, others, sent) if others else VariableValues({}, {})  # type: ignore[arg-type]  # only read
        if isinstance(values, list):
            raise GiveUp("variables")
        for name in taken:
            given = sent.get(name)
            if type(given) is not list or None in given:
                raise GiveUp("variables")
            values.coerced[name] = given
        return values

    return read
