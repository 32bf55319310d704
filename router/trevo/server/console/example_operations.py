"""
Ready operations for the GraphiQL page, read from a folder of `.graphql` files.

`shop/Cart.graphql` becomes one entry of the group "Shop": its name is the operation's, its description the
comment at the top of the file, its variables the text of `shop/Cart.json` if that file is there. A file that does
not parse is still listed, with the reason, because the page is where somebody would mend it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse

FILES_MAX = 500
FILE_BYTES_MAX = 100_000
PARSE_TOKENS_MAX = 20_000


@dataclass(frozen=True)
class ExampleOperation:
    """One entry of the page's list."""

    path: str
    group: str
    name: str
    kind: str
    description: str
    query: str
    variables: str
    problem: str | None


def read_example_operations(folder: Path) -> list[dict[str, str | None]]:
    """Every operation under *folder*, files of the folder itself first, then group by group."""
    files = [path for path in folder.rglob("*.graphql") if path.is_file() and not path.is_symlink()]
    files.sort(key=lambda path: (path.parent != folder, path.relative_to(folder).as_posix()))
    return [asdict(_read_example(folder, path)) for path in files[:FILES_MAX]]


def _read_example(folder: Path, path: Path) -> ExampleOperation:
    query, problem = _read_text(path)
    variables, variables_problem = _read_variables(path.with_suffix(".json"))
    name, kind = path.stem, "query"
    if problem is None:
        try:
            document = parse(query, no_location=True, max_tokens=PARSE_TOKENS_MAX)
        except GraphQLSyntaxError as error:
            line = error.locations[0].line if error.locations else 1
            problem = f"{path.name}, line {line}: {error.message}"
        else:
            operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
            if operations:
                kind = operations[0].operation.value
                name = operations[0].name.value if operations[0].name else name
            else:
                problem = f"{path.name} holds no operation."
    group = " / ".join(part.replace("_", " ").capitalize() for part in path.relative_to(folder).parts[:-1])
    return ExampleOperation(
        path=path.relative_to(folder).as_posix(),
        group=group,
        name=name,
        kind=kind,
        description=_leading_comment(query),
        query=query,
        variables=variables,
        problem=problem or variables_problem,
    )


def _read_text(path: Path) -> tuple[str, str | None]:
    if path.stat().st_size > FILE_BYTES_MAX:
        return "", f"{path.name} is larger than {FILE_BYTES_MAX:,} bytes."
    try:
        return path.read_text(encoding="utf-8"), None
    except UnicodeDecodeError:
        return "", f"{path.name} is not UTF-8 text."


def _read_variables(path: Path) -> tuple[str, str | None]:
    if not path.is_file() or path.is_symlink():
        return "", None
    text, problem = _read_text(path)
    if problem is not None:
        return "", problem
    try:
        value = json.loads(text)
    except ValueError as error:
        return text, f"{path.name} is not JSON: {error}"
    return text.strip(), None if isinstance(value, dict) else f"{path.name} must hold a JSON object."


def _leading_comment(query: str) -> str:
    words: list[str] = []
    for line in query.splitlines():
        if not line.startswith("#"):
            break
        words.append(line.lstrip("#").strip())
    return " ".join(words).strip()
