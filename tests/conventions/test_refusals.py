"""A refusal is declared once: what it says, its type in the graph and its place in unions follow from that."""

import ast
from dataclasses import fields
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from subgraphs.shared.refusal import Message, Refusal

ROOT = Path(__file__).resolve().parents[2]
DECLARATIONS = {
    "subgraphs/shared/refusal.py",
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("subgraphs/*/domain/refusals.py")),
}
KINDS = [
    kind
    for path in sorted(DECLARATIONS)
    for kind in vars(import_module(path.removesuffix(".py").replace("/", "."))).values()
    if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
]
SPOKEN = [kind for kind in KINDS if hasattr(kind, "message")]

OF_THE_TOKEN_ENDPOINT = {"ScopeNotGranted"}
"""Said in OAuth's words, to programs."""


def codes_of(annotation: object) -> set[str] | None:
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return set(annotation) if isinstance(annotation, type) and issubclass(annotation, StrEnum) else None


def test_refusals_are_declared_where_all_of_their_domain_are() -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sorted(ROOT.glob("subgraphs/**/*.py"))
        if str(path.relative_to(ROOT)) not in DECLARATIONS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).split(".")[-1] == "Refusal" for base in node.bases)
    ]
    assert elsewhere == []


def test_mutations_are_declared_with_their_refusals() -> None:
    """By `subgraphs.shared.graphql.mutation`; nobody is refused to sign out."""
    bare = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("subgraphs/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("strawberry.mutation", "strawberry.federation.mutation")
    }
    assert bare == {"subgraphs/shared/graphql/mutation.py", "subgraphs/accounts/api/mutations/sign_out.py"}


def test_every_refusal_says_something() -> None:
    assert {kind.__name__ for kind in KINDS if kind not in SPOKEN} == OF_THE_TOKEN_ENDPOINT
    assert [kind.__name__ for kind in KINDS if (kind.__doc__ or "").startswith(f"{kind.__name__}(")] == []


@pytest.mark.parametrize("kind", SPOKEN, ids=lambda kind: kind._kind())
def test_what_a_refusal_says_is_made_of_what_it_knows(kind: type[Refusal]) -> None:
    message: Message = kind.message
    named = {name for sentence in (message.pt, message.en) for _, name, _, _ in Formatter().parse(sentence) if name}
    hints = get_type_hints(kind)
    known = {field.name: hints[field.name] for field in fields(kind)}
    assert named <= known.keys()
    assert {name: set(words) for name, words in message.words.items()} == {
        name: codes_of(known[name]) for name in message.words
    }


def test_a_code_in_a_portuguese_sentence_is_in_words() -> None:
    bare = [
        f"{kind.__name__}: {name}"
        for kind in SPOKEN
        for _, name, _, _ in Formatter().parse(kind.message.pt)
        if name and codes_of(get_type_hints(kind)[name]) and name not in kind.message.words
    ]
    assert bare == []
