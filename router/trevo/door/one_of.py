"""A rule of validation that graphql-core 3.3 has in its text and never applies."""

from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLNonNull,
    NonNullTypeNode,
    OperationDefinitionNode,
    ValidationRule,
    VariableDefinitionNode,
)


class VariablesInOneOfRule(ValidationRule):
    """
    A variable at a field of a OneOf input object must not be nullable (GraphQL, 5.8.5).

        query ($name: String) { user(by: { name: $name }) { id } }

    With null, or without a value, none of the fields would be given. graphql-core looks for the rule at positions
    whose type is a OneOf input object, and passes over those that are non-null; nearly all of them are.
    """

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_args: Any) -> None:
        definitions = {each.variable.name.value: each for each in operation.variable_definitions or ()}
        for usage in self.context.get_recursive_variable_usages(operation):
            parent = usage.parent_type
            if not isinstance(parent, GraphQLNonNull):
                continue  # of which graphql-core takes care
            definition = definitions.get(usage.node.name.value)
            if definition is not None and _is_one_of(parent.of_type) and not _is_non_null(definition):
                name = definition.variable.name.value
                message = (
                    f"Variable '${name}' must be non-nullable to be used for OneOf Input Object '{parent.of_type}'."
                )
                self.report_error(GraphQLError(message, [definition, usage.node]))


def _is_one_of(type_: Any) -> bool:
    return isinstance(type_, GraphQLInputObjectType) and type_.is_one_of


def _is_non_null(definition: VariableDefinitionNode) -> bool:
    return isinstance(definition.type, NonNullTypeNode)
