"""Trees of operations from text, and back."""

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, parse, print_ast, validate

from trevo.operation.selection import print_condition
from trevo.operation.tree import Operation, OperationField, OperationFragment, OperationSelections, build_tree


def tree_of(text: str | DocumentNode, schema: GraphQLSchema | None = None) -> Operation:
    """The tree of the first operation in *text*, which is valid by *schema* where one is given."""
    document = parse(text, no_location=True) if isinstance(text, str) else text
    if schema is not None:
        assert validate(schema, document) == []
    operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return build_tree(document, operation)


def print_tree(selections: OperationSelections) -> str:
    """*selections* on one line of GraphQL; what is denied is marked with `@denied`."""
    return " ".join(_print(each) for each in selections)


def _print(each: OperationField | OperationFragment) -> str:
    condition = print_condition(each.condition)
    if isinstance(each, OperationFragment):
        directives = "".join(f" @{name}" for name in each.directives)
        on = f" on {each.on}" if each.on else ""
        return f"...{on}{directives}{condition}{_braces(each.selections)}"
    if each.syntax is not None:
        return " ".join(print_ast(each.syntax).split())
    alias = "" if each.key == each.name else f"{each.key}: "
    denied = " @denied" if each.is_denied else ""
    return f"{alias}{each.name}{each.arguments}{denied}{condition}{_braces(each.selections)}"


def _braces(selections: OperationSelections | None) -> str:
    if selections is None:
        return ""
    return f" {{ {print_tree(selections)} }}" if selections.items else " {}"
