"""How much a new mutation touches: what is declared once is not written down again elsewhere."""

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from graphql import GraphQLUnionType, get_named_type

ROOT = Path(__file__).resolve().parents[2]
SUBGRAPHS = ROOT / "subgraphs"
DOMAINS = sorted(path.parents[1].name for path in SUBGRAPHS.glob("*/api/schema.py"))

FILES_MAX = 6
"""Its own, its verb's, its command's, its refusals', the schema that lists it, and the scopes that open it."""

AT_THE_TOKEN_ENDPOINT_TOO = {"signIn", "refreshToken"}


@cache
def words_of(path: Path) -> frozenset[str]:
    """The names in a file, and the texts that are nothing but a name."""
    words: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Name():
                words.add(node.id)
            case ast.Attribute():
                words.add(node.attr)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                words.add(node.name)
            case ast.alias():
                words.add(node.name)
            case ast.ImportFrom():
                words.update((node.module or "").split("."))
            case ast.Constant(value=str(text)):
                words.add(text)
    return frozenset(words)


def files_that_name(domain: str, mutation: str, members: set[str]) -> set[str]:
    """The hand-written files that name a mutation, its input or a verb of its name, or declare its refusals."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", mutation).lower()
    pascal = mutation[0].upper() + mutation[1:]
    names = {mutation, snake, pascal, f"{pascal}Input", f"{pascal}Mutation", f"{pascal}Result"}
    found = {
        str(path.relative_to(SUBGRAPHS))
        for folder in (domain, "shared")
        for path in (SUBGRAPHS / folder).rglob("*.py")
        if words_of(path) & names
    }
    declarations = SUBGRAPHS / domain / "domain" / "refusals.py"
    if declarations.exists() and words_of(declarations) & members:
        found.add(str(declarations.relative_to(SUBGRAPHS)))
    return found


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_mutation_is_in_six_files_at_most(domain: str) -> None:
    mutations = import_module(f"subgraphs.{domain}.api.schema").schema._schema.mutation_type
    in_more = {}
    for name, field in (mutations.fields if mutations else {}).items():
        result = get_named_type(field.type)
        members = {member.name for member in result.types} if isinstance(result, GraphQLUnionType) else set()
        files = files_that_name(domain, name, members)
        if len(files) > FILES_MAX and name not in AT_THE_TOKEN_ENDPOINT_TOO:
            in_more[name] = sorted(files)
    assert in_more == {}
