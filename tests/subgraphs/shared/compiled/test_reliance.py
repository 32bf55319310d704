"""
What written code relies on of Strawberry and graphql-core.

When an upgrade makes one of these fail, nothing is wrong in the product yet: what is not recognised is left to
graphql-core. It is slower, and `fields.py` is to be read beside the new version.
"""

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLField, parse

from subgraphs.shared.graphql.compiled.asked import AskedDocument
from subgraphs.shared.graphql.compiled.fields import class_of, class_of_possible, how_resolved, leaf_of
from subgraphs.shared.graphql.compiled.write import write_program
from subgraphs.shared.graphql.guarded import Guarded
from tests.subgraphs.shared.compiled.farm import SCHEMA, Cat, Dog, Field

CORE = SCHEMA._schema  # Strawberry keeps the graphql-core schema there
ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("text", "attribute"),
        ("id", "attribute"),
        ("said", "function"),
        ("neighbour", "function"),
        ("owner", "function that waits"),
        ("byRoot", "function"),
        ("guarded", "Strawberry's"),
        ("guardedElsewhere", "Strawberry's"),
        ("loud", "Strawberry's"),
        ("outcome", "function"),
    ],
)
def test_how_a_field_is_resolved_is_recognised(name: str, how: str) -> None:
    found = how_resolved(CORE.type_map["Field"].fields[name])
    assert found is not None
    if found.attribute is not None:
        assert how == "attribute"
    elif found.function is not None:
        assert how == ("function that waits" if found.waits else "function")
    else:
        assert how == "Strawberry's"


def test_what_stands_before_a_resolver_is_seen() -> None:
    fields = CORE.query_type.fields
    assert [guard.of_asker is not None for guard in how_resolved(fields["closed"]).guards] == [True]
    assert [guard.of_arguments is not None for guard in how_resolved(fields["field"]).guards] == [True]
    text = CORE.type_map["Field"].fields["text"]
    assert how_resolved(text).guards == ()
    guard = Guarded(text.resolve, of_asker=lambda context: context.require("admin"))
    guarded = how_resolved(GraphQLField(text.type, resolve=guard, extensions=text.extensions))
    assert (guarded.attribute, guarded.guards) == ("text", (guard,))


def test_a_class_tells_the_type_of_its_instances() -> None:
    types = CORE.type_map
    assert class_of(types["Field"]) is Field
    assert class_of_possible(types["Dog"], types["Living"]) is Dog
    assert class_of_possible(types["Cat"], types["Found"]) is Cat
    assert types["Field"].is_type_of is None
    assert types["Dog"].is_type_of is not None


@pytest.mark.parametrize("name", ["String", "ID", "Int", "Boolean", "Decimal", "Date", "DateTime", "Colour", "Size"])
def test_a_leaf_has_literal_code(name: str) -> None:
    assert leaf_of(CORE.type_map[name]).kind is not None


def test_names_of_an_enumeration_are_the_graphs() -> None:
    assert leaf_of(CORE.type_map["Colour"]).uses == {"RED": "RED", "GREEN": "GREENISH"}
    assert leaf_of(CORE.type_map["Float"]).kind is None
    assert leaf_of(CORE.type_map["Backwards"]).kind is None


def test_written_code_reads_as_it_should() -> None:
    """A golden text: what changes here is to be looked at. `python -m subgraphs.shared.graphql.compiled` prints it."""
    asked = AskedDocument.of(parse((Path(__file__).parent / "golden.graphql").read_text()), None)
    golden = Path(__file__).parent / "golden.txt"
    assert write_program(SCHEMA, asked, {"more": True}).text == golden.read_text()


def test_nobody_casts_objects_to_other_types() -> None:
    """`strawberry.cast` works, but objects that have been cast are looked at twice."""
    used: list[Any] = [path for path in (ROOT / "subgraphs").rglob("*.py") if "strawberry.cast(" in path.read_text()]
    assert [path.name for path in used if path.parent.name != "compiled"] == []
