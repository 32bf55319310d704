"""A fixed piece of work, to compare machines and moments by."""

from graphql import GraphQLError, build_schema, get_introspection_query, parse, validate

_SCHEMA = build_schema("type Query { nothing: Int }")
_TEXT = get_introspection_query(descriptions=True, input_value_deprecation=True)


def reference_work() -> list[GraphQLError]:
    """Parse and validate GraphQL's introspection query: Python like that of a request, and not ours to change."""
    return validate(_SCHEMA, parse(_TEXT))
