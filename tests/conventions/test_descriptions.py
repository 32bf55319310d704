"""Every element of the graph says what it is: what a client reads in GraphiQL, in its editor, in generated code."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from graphql import DirectiveDefinitionNode, DocumentNode, GraphQLDeprecatedDirective, TypeDefinitionNode, parse
from graphql.execution import get_directive_values

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = sorted(path.parents[1].name for path in (ROOT / "subgraphs").glob("*/api/schema.py"))

ARTICLES = frozenset({"a", "an", "the"})


@pytest.fixture(scope="module")
def documents() -> Mapping[str, DocumentNode]:
    return {domain: parse(import_module(f"subgraphs.{domain}.api.schema").schema.as_str()) for domain in DOMAINS}


def elements(document: DocumentNode) -> Iterator[tuple[str, Any]]:
    """Each element with its coordinate, as `Type.field(argument:)`."""
    for definition in document.definitions:
        if isinstance(definition, DirectiveDefinitionNode):
            yield from _element(f"@{definition.name.value}", definition)
        elif isinstance(definition, TypeDefinitionNode):
            yield from _element(definition.name.value, definition)


def _element(coordinate: str, node: Any) -> Iterator[tuple[str, Any]]:
    yield coordinate, node
    for member in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
        yield from _element(f"{coordinate}.{member.name.value}", member)
    for argument in getattr(node, "arguments", None) or ():
        yield from _element(f"{coordinate}({argument.name.value}:)", argument)


def said_of(node: Any) -> str:
    return "" if node.description is None else node.description.value


def words_of(text: str) -> list[str]:
    """*text* in lower case and without articles: "Funded count", `fundedCount` and `FUNDED_COUNT` are the same."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return [word for word in re.findall(r"\w+", apart.replace("_", " ").lower()) if word not in ARTICLES]


def faults_of(document: DocumentNode) -> list[str]:
    """What is wrong with the descriptions and deprecations of *document*, by coordinate."""
    known = dict(elements(document))
    faults = []
    for coordinate, node in known.items():
        text = said_of(node)
        if not text.strip():
            faults.append(f"{coordinate} has no description")
        elif words_of(text) == words_of(node.name.value):
            faults.append(f"{coordinate} says its name again")
        elif not text.endswith(".") or text != text.strip() or text[0].islower():
            faults.append(f"{coordinate} is no sentence: a capital at the beginning, a full stop at the end")
        if (given := get_directive_values(GraphQLDeprecatedDirective, node)) is not None:
            owner = coordinate.rpartition(".")[0] or coordinate
            instead = re.findall(r"`([\w.]+)`", given["reason"])
            if not any(name in known or f"{owner}.{name}" in known for name in instead):
                faults.append(f"{coordinate} is deprecated and names nothing to use instead")
    return faults


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_element_is_described(domain: str, documents: Mapping[str, DocumentNode]) -> None:
    assert faults_of(documents[domain]) == []


def test_what_several_subgraphs_have_is_described_alike(documents: Mapping[str, DocumentNode]) -> None:
    """A composed graph keeps one description of each element, whoever's it is."""
    said: dict[str, dict[str, list[str]]] = {}
    for domain, document in documents.items():
        for coordinate, node in elements(document):
            said.setdefault(coordinate, {}).setdefault(said_of(node), []).append(domain)
    assert {coordinate: texts for coordinate, texts in said.items() if len(texts) > 1} == {}


def test_the_supergraph_keeps_what_is_said(documents: Mapping[str, DocumentNode]) -> None:
    composed = dict(elements(parse((ROOT / "schema" / "supergraph.graphql").read_text(encoding="utf-8"))))
    lost = [
        coordinate
        for document in documents.values()
        for coordinate, node in elements(document)
        if coordinate in composed and said_of(composed[coordinate]) != said_of(node)
    ]
    assert lost == []


DOCTORED = '''
"""Everything that is wrong."""
type Barn {
  silent: Int
  """ """
  empty: Int
  """The wall height."""
  wallHeight: Int
  """how wide it is."""
  width: Int
  """How long it is"""
  length(unit: Unit): Int
  """What it was called."""
  oldName: String @deprecated(reason: "Gone soon.")
  """What it is called."""
  name: String
  """What it was called before that."""
  olderName: String @deprecated(reason: "Use `name` instead.")
}

"""What lengths are in."""
enum Unit {
  METRE
  """Three of them are a yard."""
  FOOT
}

"""What is asked for."""
input Wanted {
  height: Int
}

directive @wooden on OBJECT
'''


def test_each_fault_is_found() -> None:
    assert faults_of(parse(DOCTORED)) == [
        "Barn.silent has no description",
        "Barn.empty has no description",
        "Barn.wallHeight says its name again",
        "Barn.width is no sentence: a capital at the beginning, a full stop at the end",
        "Barn.length is no sentence: a capital at the beginning, a full stop at the end",
        "Barn.length(unit:) has no description",
        "Barn.oldName is deprecated and names nothing to use instead",
        "Unit.METRE has no description",
        "Wanted.height has no description",
        "@wooden has no description",
    ]
