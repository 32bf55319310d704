"""
Prints a plan in the notation that federation's tools share, so that plans can be compared.

    QueryPlan {
      Sequence {
        Fetch(service: "shelves") { { shelf(id: "s1") { book { __typename id } } } }
        Flatten(path: "shelf.book") {
          Fetch(service: "books") { { ... on Book { __typename id } } => { ... on Book { title } } }
        }
      }
    }

A subscription has a Primary, which is listened to, and a Rest, which is done for each of its answers.

A request with several calls is a BatchFetch with one Flatten each. `id: _id_1` in what is sent says that the member
`id` is read from `_id_1` in the data tree; a Rename is written after what it applies to.
"""

from collections.abc import Iterable, Iterator

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, print_ast

from trevo.plan.nodes import (
    Condition,
    Each,
    EntityCall,
    Fetch,
    Key,
    Parallel,
    Path,
    PlanNode,
    QueryPlan,
    Rename,
    RepresentationField,
    RepresentationInput,
    RepresentationSelection,
    Sequence,
    Subscription,
)

_LINE_MAX = 110


def print_plan(plan: QueryPlan) -> str:
    """The plan, over several lines; `QueryPlan {}` where nothing is fetched."""
    if plan.root is None:
        return "QueryPlan {}"
    return "\n".join(_block("QueryPlan", _node(plan.root)))


def print_path(path: Path) -> str:
    """`shelves.@.item|[Book|Magazine]`."""
    text = ""
    for segment in path:
        if isinstance(segment, Key):
            text += f".{segment.name}"
        elif isinstance(segment, Each):
            text += ".@"
        else:
            text += f"|[{'|'.join(sorted(segment.type_names))}]"
    return text.removeprefix(".")


def _node(node: PlanNode) -> Iterator[str]:
    match node:
        case Subscription(primary, rest):
            parts = [_block("Primary:", _fetch(primary)), _block("Rest:", _node(rest)) if rest else ()]
            yield from _block("Subscription", (line for part in parts for line in part))
        case Sequence(nodes):
            yield from _block("Sequence", (line for each in nodes for line in _node(each)))
        case Parallel(nodes):
            yield from _block("Parallel", (line for each in nodes for line in _node(each)))
        case Condition(variable, if_true, if_false):
            if if_true:
                yield from _block(f"Include(if: ${variable})", _node(if_true))
            if if_false:
                yield from _block(f"Skip(if: ${variable})", _node(if_false))
        case Fetch():
            yield from _fetch(node)


def _fetch(fetch: Fetch) -> Iterator[str]:
    head = f'Fetch(service: "{fetch.subgraph}")'
    selections = _selections(fetch.document)
    if not fetch.calls:
        kind = f"{fetch.kind} " if fetch.kind != "query" else ""
        lines = _short(head, [*_wrapped(selections, before=kind), *_renames(fetch.renames)])
        yield from _flatten([fetch.path], lines) if fetch.path else lines
    elif len(fetch.calls) == 1:
        yield from _flatten(fetch.calls[0].paths, _short(head, _call(fetch.calls[0], selections)))
    else:
        calls = (line for call in fetch.calls for line in _flatten(call.paths, _call(call, selections)))
        yield from _block(f"Batch{head}", calls)


def _call(call: EntityCall, selections: SelectionSetNode) -> list[str]:
    field = next(
        each
        for each in selections.selections
        if isinstance(each, FieldNode) and (each.alias or each.name).value == call.response_key
    )
    assert field.selection_set is not None  # noqa: S101 - entities always have selections
    inputs = [_input(each) for each in call.inputs]
    sent = [f"{{ {' '.join(inputs)} }}"]
    if len(sent[0]) > _LINE_MAX:
        sent = ["{", *(f"  {each}" for each in inputs), "}"]
    asked = _wrapped(field.selection_set)
    if len(sent) == len(asked) == 1 and len(sent[0]) + len(asked[0]) < _LINE_MAX:
        return [f"{sent[0]} => {asked[0]}", *_renames(call.renames)]
    return [*sent[:-1], f"{sent[-1]} =>", *asked, *_renames(call.renames)]


def _input(entity: RepresentationInput) -> str:
    names = sorted(entity.type_names)
    own = entity.typename is None or names == [entity.typename]
    typename = "__typename" if own else f'__typename: "{entity.typename}"'
    return f"... on {'|'.join(names)} {{ {' '.join([typename, *map(_sent, entity.selections)])} }}"


def _sent(selection: RepresentationSelection) -> str:
    inner = f" {{ {' '.join(map(_sent, selection.selections))} }}" if selection.selections else ""
    if isinstance(selection, RepresentationField):
        source = "" if selection.source == selection.name else f": {selection.source}"
        return f"{selection.name}{source}{inner}"
    return f"... on {'|'.join(sorted(selection.type_names))}{inner}"


def _renames(renames: tuple[Rename, ...]) -> list[str]:
    return [
        f"Rename({'.'.join(filter(None, (print_path(each.path), each.source)))} to {each.target})" for each in renames
    ]


def _flatten(paths: Iterable[Path], lines: Iterable[str]) -> Iterator[str]:
    printed = [print_path(path) for path in paths]
    several = '", "'.join(printed)
    where = f'path: "{several}"' if len(printed) == 1 else f'paths: ["{several}"]'
    yield from _block(f"Flatten({where})", lines)


def _short(head: str, body: list[str]) -> Iterator[str]:
    if len(body) == 1 and len(head) + len(body[0]) + 5 <= _LINE_MAX:
        yield f"{head} {{ {body[0]} }}"
    else:
        yield from _block(head, body)


def _block(head: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{head} {{"
    for line in lines:
        yield f"  {line}"
    yield "}"


def _selections(document: str) -> SelectionSetNode:
    (operation,) = parse(document, no_location=True).definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - a fetch's document is one operation
    return operation.selection_set


def _wrapped(selections: SelectionSetNode, *, before: str = "") -> list[str]:
    """On one line where it fits."""
    lines = print_ast(selections).splitlines()
    whole = before + " ".join(line.strip() for line in lines)
    return [whole] if len(whole) <= _LINE_MAX else [before + lines[0], *lines[1:]]
