"""
Write what follows from the graph and from the operations that clients ship: `make operations`, and `make schema`.

    schema/operations/mutations/   for each mutation a ready document, and example variables beside it
    schema/persisted/apollo.json   all ready documents by their SHA-256, as Apollo's tools write and read them
    schema/persisted/relay.json    the same, as Relay's do

Both are committed; that they are current is a test. The text of a document is what `print` of graphql-js 17 makes of
its file. Apollo Client asks for `__typename` wherever it selects something, because its cache keeps things by it: so do
the texts in its form. Those in Relay's have what is in the file.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from textwrap import fill, indent
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    parse,
    print_ast,
    visit,
)

from trevo.supergraph import Supergraph, load_supergraph

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schema"
MUTATIONS = Path("operations") / "mutations"
MANIFESTS = Path("persisted")

REFUSAL = "Refusal"
COMMENT_WIDTH = 118

EXAMPLES: dict[str, Any] = {
    "String": "…",
    "ID": "paste an id",
    "Int": 1,
    "Boolean": True,
    "Decimal": "100.00",
    "Date": "2027-01-15",
}
"""By type: a value that has the right form."""
EXAMPLES_BY_NAME: dict[str, Any] = {
    "idempotencyKey": "a new UUID for each deed, the same for each try of it",
    "email": "ana@example.org",
    "phone": "+5565999990000",
    "cpf": "529.982.247-25",
    "cnpj": "11.222.333/0001-81",
    "birthDate": "1990-05-20",
    "annualRate": "0.18",
    "lateDiscount": "0.10",
    "termMonths": 12,
    "municipality": "Sorriso",
    "carNumber": "MT-5107925-0123456789ABCDEF0123456789ABCDEF",
    "totpCode": "123456",
}
"""By the name of a field, where the type says too little."""


def load(folder: Path = SCHEMA) -> Supergraph:
    """The committed supergraph."""
    return load_supergraph((folder / "supergraph.graphql").read_text(encoding="utf-8"))


def wanted_files(supergraph: Supergraph, folder: Path = SCHEMA) -> dict[Path, str]:
    """Every file that `make operations` writes, below *folder*, with what it has to say."""
    files = dict(_ready_mutations(supergraph))
    documents = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "operations").glob("*.graphql")}
    documents |= {path.stem: text for path, text in files.items() if path.suffix == ".graphql"}
    parsed = [parse(documents[name]) for name in sorted(documents)]
    operations = [_entry(visit(document, AddTypenames())) for document in parsed]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    files[MANIFESTS / "apollo.json"] = _as_json(manifest)
    files[MANIFESTS / "relay.json"] = _as_json({entry["id"]: entry["body"] for entry in map(_entry, parsed)})
    return files


class AddTypenames(Visitor):
    """Asks for `__typename` last of each selection that has none, as Apollo Client does; not of a whole operation's."""

    def leave_selection_set(self, node: SelectionSetNode, _key: Any, parent: Any, *_: Any) -> SelectionSetNode | None:
        if isinstance(parent, OperationDefinitionNode):
            return None
        names = {field.name.value for field in node.selections if isinstance(field, FieldNode)}
        if any(name.startswith("__") for name in names):
            return None
        asked = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        return SelectionSetNode(selections=(*node.selections, asked))


def _entry(document: DocumentNode) -> dict[str, str]:
    """A document as a manifest has it."""
    (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    assert operation.name is not None  # noqa: S101  # a test sees to it
    body = print_ast(document)
    return {
        "id": sha256(body.encode()).hexdigest(),
        "name": operation.name.value,
        "type": operation.operation.value,
        "body": body,
    }


# Ready mutations


def _ready_mutations(supergraph: Supergraph) -> Iterator[tuple[Path, str]]:
    mutations = supergraph.public_schema.mutation_type
    assert mutations is not None  # noqa: S101  # the graph has some
    for name, field in mutations.fields.items():
        path = MUTATIONS / f"{_pascal(name)}.graphql"
        yield path, _document(supergraph, name, field)
        if field.args:
            variables = {argument: _example(argument, given.type) for argument, given in field.args.items()}
            yield path.with_suffix(".json"), _as_json(variables)


def _document(supergraph: Supergraph, name: str, field: GraphQLField) -> str:
    comment = fill(" ".join((field.description or name).split()), COMMENT_WIDTH)
    declared = ", ".join(f"${argument}: {given.type}" for argument, given in field.args.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    head = f"mutation {_pascal(name)}" + (f"({declared})" if declared else "")
    called = f"{name}({passed})" if passed else name
    lines = "\n".join(_payload(supergraph, name, field.type))
    return f"{indent(comment, '# ')}\n{head} {{\n  {called} {{\n{indent(lines, '    ')}\n  }}\n}}\n"


def _payload(supergraph: Supergraph, name: str, type_: GraphQLOutputType) -> Iterator[str]:
    """What a mutation came to: its results with what they are, or which rule said no, with its data."""
    schema = supergraph.public_schema
    result = get_named_type(type_)
    (subgraph,) = _answering(supergraph, "Mutation", name)
    if isinstance(result, GraphQLObjectType):
        yield from _fields(supergraph, subgraph, result)
        return
    assert isinstance(result, GraphQLUnionType)  # noqa: S101  # one or the other, by convention
    yield "__typename"
    refusal = schema.get_type(REFUSAL)
    taken: dict[str, str] = {}
    for member in result.types:
        if refusal not in member.interfaces:
            yield from _part(member.name, list(_fields(supergraph, subgraph, member)))
            taken |= {field: str(given.type) for field, given in member.fields.items()}
    assert isinstance(refusal, GraphQLInterfaceType)  # noqa: S101
    yield from _part(REFUSAL, list(refusal.fields))
    for member in result.types:
        if refusal in member.interfaces:
            own = {field: str(given.type) for field, given in member.fields.items() if field not in refusal.fields}
            # Where two call different things by one name a client has to choose; the others are selected.
            told = {field: kind for field, kind in own.items() if taken.setdefault(field, kind) == kind}
            lines = [line for field in told for line in _selected(field, member.fields[field], member)]
            if lines:
                yield from _part(member.name, lines)


def _answering(supergraph: Supergraph, type_name: str, field_name: str) -> list[str]:
    """Who answers a field without anything from others."""
    definition = supergraph.types[type_name]
    field = definition.fields[field_name]
    having = {each: field.join_in(each) for each in definition.subgraphs if definition.has_field_in(field, each)}
    return [each for each, join in having.items() if join is None or not (join.external or join.requires)]


def _part(type_name: str, lines: list[str]) -> Iterator[str]:
    yield f"... on {type_name} {{"
    yield from (f"  {line}" for line in lines)
    yield "}"


def _fields(supergraph: Supergraph, subgraph: str, type_: GraphQLObjectType) -> Iterator[str]:
    """What of *type_* comes in the same answer: what *subgraph* has itself, and what needs no argument."""
    for name, field in type_.fields.items():
        if subgraph in _answering(supergraph, type_.name, name) and not field.deprecation_reason:
            yield from _selected(name, field, type_)


def _selected(name: str, field: GraphQLField, around: GraphQLObjectType) -> Iterator[str]:
    """A field as far as it tells of the thing itself: of other things the id, of lists of them nothing."""
    type_ = get_named_type(field.type)
    if field.args and not is_leaf_type(type_):
        return
    if is_leaf_type(type_):
        if not any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values()):
            yield name
    elif isinstance(type_, GraphQLObjectType):
        is_list = isinstance(get_nullable_type(field.type), GraphQLList)
        if is_list and "id" in around.fields:
            return
        if "id" in type_.fields:
            yield f"{name} {{ id }}"
        else:  # what has no id is told by what is in it
            leaves = [each for each, below in type_.fields.items() if is_leaf_type(get_named_type(below.type))]
            yield f"{name} {{ {' '.join(leaves)} }}"


# Example variables


def _example(name: str, type_: GraphQLInputType) -> Any:
    """A value of *type_*, with what has to be given; of what may be left out all, where nothing else is there."""
    kind = get_nullable_type(type_)
    if isinstance(kind, GraphQLList):
        return [_example(name, kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = {each: field for each, field in kind.fields.items() if _is_needed(field)} or kind.fields
        return {each: _example(each, field.type) for each, field in needed.items()}
    return EXAMPLES_BY_NAME.get(name, EXAMPLES[kind.name])


def _is_needed(field: GraphQLInputField) -> bool:
    return isinstance(field.type, GraphQLNonNull)


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def _as_json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# Files


def find_stale_files(supergraph: Supergraph, folder: Path = SCHEMA) -> list[str]:
    """The files in *folder* that `make operations` would change, each with the reason."""
    wanted = wanted_files(supergraph, folder)
    stale = []
    for path, text in wanted.items():
        there = folder / path
        if not there.exists():
            stale.append(f"{path} is missing")
        elif there.read_text(encoding="utf-8") != text:
            stale.append(f"{path} is not what follows from the graph and the operations")
    return stale + [f"{path} follows from nothing" for path in _left_over(wanted, folder)]


def _left_over(wanted: dict[Path, str], folder: Path) -> list[Path]:
    there = [path.relative_to(folder) for room in (MUTATIONS, MANIFESTS) for path in (folder / room).glob("*")]
    return sorted(path for path in there if path not in wanted)


def write_files(supergraph: Supergraph, folder: Path = SCHEMA) -> None:
    wanted = wanted_files(supergraph, folder)
    for path, text in wanted.items():
        there = folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        fresh = there.with_suffix(".new")  # in one step: a router that watches a manifest never reads half of it
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(there)
    for path in _left_over(wanted, folder):
        (folder / path).unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the ready mutations and the manifests of all documents")
    parser.add_argument("--check", action="store_true", help="only say whether the files are current")
    arguments = parser.parse_args()
    supergraph = load()
    stale = find_stale_files(supergraph)
    if not stale:
        print("schema/persisted and schema/operations/mutations are current.")
        return 0
    print("\n".join(f"stale: schema/{line}" for line in stale))
    if arguments.check:
        print("`make operations` writes them anew.")
        return 1
    write_files(supergraph)
    return 0


if __name__ == "__main__":
    sys.exit(main())
