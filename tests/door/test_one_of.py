"""What may be given to a OneOf input object by variables."""

import pytest
from graphql import build_schema, parse, specified_rules, validate

from trevo.door.one_of import VariablesInOneOfRule

SCHEMA = build_schema("""
input By @oneOf { id: ID name: String inner: By many: [By!] }
input Plain { name: String by: By! }
type Query { one(by: By!): String maybe(by: By): String all(by: [By!]!): String plain(in: Plain): String }
""")
NULLABLE = "must be non-nullable to be used for OneOf Input Object 'By'."


def messages(text: str) -> list[str]:
    return [error.message for error in validate(SCHEMA, parse(text), (*specified_rules, VariablesInOneOfRule))]


@pytest.mark.parametrize(
    "text",
    [
        "query ($n: String) { one(by: {name: $n}) }",
        "query ($n: String) { maybe(by: {name: $n}) }",
        "query ($n: String) { all(by: [{id: 1}, {name: $n}]) }",
        "query ($n: String) { one(by: {inner: {name: $n}}) }",
        "query ($n: String) { one(by: {many: [{name: $n}]}) }",
        "query ($n: String) { plain(in: {by: {name: $n}}) }",
        "query ($n: String) { ...F } fragment F on Query { one(by: {name: $n}) }",
        'query ($n: String = "x") { one(by: {name: $n}) }',
    ],
)
def test_a_nullable_variable_is_refused_once(text: str) -> None:
    (message,) = messages(text)
    assert message.endswith(NULLABLE)


@pytest.mark.parametrize(
    "text",
    [
        "query ($n: String!) { one(by: {name: $n}) }",
        "query ($by: By!) { one(by: $by) }",
        "query ($by: By!) { all(by: [$by]) }",
        "query ($by: [By!]!) { all(by: $by) }",
        "query ($n: String) { plain(in: {name: $n, by: {id: 1}}) }",
        '{ one(by: {name: "x"}) }',
    ],
)
def test_what_cannot_be_null_is_allowed(text: str) -> None:
    assert messages(text) == []
