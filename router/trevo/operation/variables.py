"""The variables of one request: checked against the operation, with defaults applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema, VariableDefinitionNode
from graphql.execution.values import get_variable_values
from graphql.utilities import value_from_ast_untyped

from trevo.config.limits import Limits
from trevo.door import exact_json
from trevo.errors import RequestRefused, refuse
from trevo.operation.parse import client_error
from trevo.operation.tree import Operation

ERRORS_MAX = 20


@dataclass(frozen=True, slots=True)
class Variables:
    """
    The values of one request.

    *values* are what subgraphs get: the client's own JSON, plus the defaults of what the client left out. Coerced
    values would carry the public schema's defaults into input objects, and an argument that was never sent is not
    the same as one sent with its default. *conditions* are the coerced Booleans, for `@skip` and `@include`.
    """

    values: dict[str, Any]
    conditions: dict[str, bool]


def read_variables(schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any], limits: Limits) -> Variables:
    """
    Coerce *given* by the operation's definitions (GraphQL 6.1.2); values of undefined variables are ignored.

    Refuses with `VARIABLES_TOO_LARGE`, `VALUE_TOO_DEEP` and `BAD_USER_INPUT`.
    """
    definitions = operation.variables
    if not definitions:
        return _NONE
    used = {name: given[name] for definition in definitions if (name := definition.variable.name.value) in given}
    _check_size(used, limits)
    try:
        result = get_variable_values(schema, definitions, used, max_errors=ERRORS_MAX)
    except RecursionError:
        raise refuse("VALUE_TOO_DEEP", "A variable's value is nested too deeply.") from None
    if isinstance(result, list):
        raise RequestRefused(*(client_error(error, "BAD_USER_INPUT") for error in result))
    values = {**_defaults(definitions), **used}
    conditions = {name: value for name, value in result.coerced.items() if isinstance(value, bool)}
    return Variables(values, conditions)


_NONE = Variables({}, {})


def _defaults(definitions: tuple[VariableDefinitionNode, ...]) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in definitions
        if definition.default_value is not None
    }


def _check_size(values: dict[str, Any], limits: Limits) -> None:
    depth = 0
    level: list[Any] = list(values.values())
    while level:
        if depth > limits.value_depth_max:
            raise refuse("VALUE_TOO_DEEP", f"A variable's value is nested deeper than {limits.value_depth_max} levels.")
        depth += 1
        level = [child for value in level for child in _children(value)]
    for name, value in values.items():
        if exact_json.has_half(value):
            raise refuse("BAD_USER_INPUT", f"Variable '${name}' holds half of a surrogate pair, which is no text.")
    if len(exact_json.dumps(values)) > limits.variables_bytes_max:
        raise refuse(
            "VARIABLES_TOO_LARGE",
            f"The variables are larger than {limits.variables_bytes_max} bytes.",
            status=413,
            is_transport=True,
        )


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
