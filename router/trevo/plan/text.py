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

`Context($_context_0: ../.. { currency })` says where above its objects a variable's value is read: two objects up.

An operation with deferred fragments has a Primary, which is answered first, and what is fetched for each fragment
alone.

A request with several calls is a BatchFetch with one Flatten each. `id: _id_1` in what is sent says that the member
`id` is read from `_id_1` in the data tree; a Rename is written after what it applies to.

What stands later in a Sequence need not wait for all before it. Where it does not, `after` names the fetches whose
answers it needs, by the number that they have as `id`. `Alone` is what of a call goes, if it has to, without the rest.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphql import OperationDefinitionNode, SelectionSetNode, parse, print_ast

from trevo.plan.nodes import (
    Context,
    ContextSource,
    Each,
    EntityCall,
    Fetch,
    Key,
    Part,
    Path,
    QueryPlan,
    Rename,
    RepresentationField,
    RepresentationInput,
    RepresentationSelection,
    wave_of,
)
from trevo.plan.outline import Choice, Node, Parallel, Sequence, outline

_LINE_MAX = 110


def print_plan(plan: QueryPlan) -> str:
    """The plan, over several lines; `QueryPlan {}` where nothing is fetched."""
    drawn = outline(plan.fetches)
    printing = _Printing(plan.fetches)
    rest = printing.node(drawn) if drawn else ()
    if plan.primary is not None:
        parts = [_block("Primary:", printing.fetch(plan.primary)), _block("Rest:", rest) if drawn else ()]
        rest = _block("Subscription", (line for part in parts for line in part))
    elif plan.deferred:
        rest = _block("Defer", [*_block("Primary", rest), *_deferred(plan, printing)])
    elif drawn is None:
        return "QueryPlan {}"
    return "\n".join(_block("QueryPlan", rest))


def _deferred(plan: QueryPlan, printing: "_Printing") -> Iterator[str]:
    """What is fetched for each deferred fragment, or for several, and not for anybody else."""
    own = [frozenset({each.number}) for each in plan.deferred]
    marks = dict.fromkeys([*own, *(fetch.deferred for fetch in plan.fetches if len(fetch.deferred) > 1)])
    by_number = {each.number: each for each in plan.deferred}
    for mark in marks:
        names = [f"id: {' or '.join(map(str, sorted(mark)))}"]
        if len(mark) == 1:
            (fragment,) = (by_number[number] for number in mark)
            names += [f'label: "{fragment.label}"'] if fragment.label is not None else []
            names += [f"in: {fragment.above}"] if fragment.above is not None else []
        drawn = outline(plan.fetches, mark)
        head = f"Deferred({', '.join(names)})"
        yield from _block(head, printing.node(drawn)) if drawn else [f"{head} {{}}"]


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


class _Printing:
    def __init__(self, fetches: tuple[Fetch, ...]) -> None:
        self._after = _needs_to_tell(fetches)
        """For each part that does not wait for all that is drawn before it: the numbers of the fetches it needs."""
        named = {number for numbers in self._after.values() for number in numbers}
        self._ids = {fetch.parts[0].id: number for number, fetch in enumerate(fetches) if number in named}
        """By its first part: the number of a fetch that is named elsewhere."""

    def node(self, node: Node) -> Iterator[str]:
        match node:
            case Sequence(nodes):
                yield from _block("Sequence", (line for each in nodes for line in self.node(each)))
            case Parallel(nodes):
                yield from _block("Parallel", (line for each in nodes for line in self.node(each)))
            case Choice(variable, if_true, if_false):
                if if_true:
                    yield from _block(f"Include(if: ${variable})", self.node(if_true))
                if if_false:
                    yield from _block(f"Skip(if: ${variable})", self.node(if_false))
            case Fetch():
                yield from self.fetch(node)

    def fetch(self, fetch: Fetch) -> Iterator[str]:
        number = self._ids.get(fetch.parts[0].id)
        own_id = "" if number is None else f", id: {number}"
        waits_alike = len({self._after.get(part.id) for part in fetch.parts}) == 1
        after = self._told(fetch.parts[0]) if waits_alike else ""
        head = f'Fetch(service: "{fetch.subgraph}"{own_id}{after})'
        if not fetch.calls:
            kind = f"{fetch.kind} " if fetch.kind != "query" else ""
            lines = _short(head, [*_wrapped(_selections(fetch.document), before=kind), *_renames(fetch.renames)])
            yield from _flatten([fetch.path], lines) if fetch.path else lines
        elif len(fetch.calls) == 1:
            lines = _short(head, self._call(fetch, 0, waits_alike=waits_alike))
            yield from _flatten(fetch.calls[0].paths, lines)
        else:
            calls = (
                line
                for number, call in enumerate(fetch.calls)
                for line in _flatten(
                    call.paths,
                    self._call(fetch, number, waits_alike=waits_alike),
                    self._after_of_call(fetch, number, waits_alike=waits_alike),
                )
            )
            yield from _block(f"Batch{head}", calls)

    def _told(self, part: Part) -> str:
        numbers = self._after.get(part.id)
        return "" if numbers is None else f", after: [{', '.join(map(str, numbers))}]"

    def _after_of_call(self, fetch: Fetch, number: int, *, waits_alike: bool) -> str:
        parts = [part for part in fetch.parts if part.call == number]
        return self._told(parts[0]) if len(parts) == 1 and not waits_alike else ""

    def _call(self, fetch: Fetch, number: int, *, waits_alike: bool) -> list[str]:
        call = fetch.calls[number]
        lines = _call(call)
        parts = [part for part in fetch.parts if part.call == number]
        for part in parts if len(parts) > 1 else ():
            assert part.alone is not None  # noqa: S101 - a part of a call
            paths = [print_path(path) for path in part.alone.paths if part.alone.paths != call.paths]
            told = "" if waits_alike else self._told(part).removeprefix(", ")
            where = ", ".join([f'path: "{each}"' for each in paths] + ([told] if told else []))
            head = f"Alone({where})" if where else "Alone"
            asks_alike = replace(part.alone, paths=call.paths) == call
            lines += [head] if asks_alike else _short(head, _call(part.alone))
        return lines


def _needs_to_tell(fetches: tuple[Fetch, ...]) -> dict[int, tuple[int, ...]]:
    numbers = {part.id: number for number, fetch in enumerate(fetches) for part in fetch.parts}
    waves = wave_of(fetches)
    needed: dict[int, set[int]] = {}
    told: dict[int, tuple[int, ...]] = {}
    for fetch, wave in zip(fetches, waves, strict=True):
        for part in fetch.parts:
            needed[part.id] = {numbers[each] for each in part.after}.union(*(needed[each] for each in part.after))
            opposite = {(variable, not wanted) for variable, wanted in part.condition}
            before = {
                n
                for n, each in enumerate(fetches)
                if waves[n] < wave and not each.condition & opposite and each.deferred == fetch.deferred
            }
            if needed[part.id] != before:
                told[part.id] = tuple(sorted({numbers[each] for each in part.after}))
    return told


def _call(call: EntityCall) -> list[str]:
    inputs = [_input(each) for each in call.inputs]
    sent = [f"{{ {' '.join(inputs)} }}"]
    if len(sent[0]) > _LINE_MAX:
        sent = ["{", *(f"  {each}" for each in inputs), "}"]
    asked = _wrapped(_selections(call.selections))
    if len(sent) == len(asked) == 1 and len(sent[0]) + len(asked[0]) < _LINE_MAX:
        return [f"{sent[0]} => {asked[0]}", *_contexts(call.contexts), *_renames(call.renames)]
    return [*sent[:-1], f"{sent[-1]} =>", *asked, *_contexts(call.contexts), *_renames(call.renames)]


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


def _contexts(contexts: tuple[Context, ...]) -> list[str]:
    return [f"Context(${each.variable}: {' or '.join(map(_source, each.sources))})" for each in contexts]


def _source(source: ContextSource) -> str:
    types = f"|[{'|'.join(sorted(source.type_names))}]" if source.type_names else ""
    return f"{'/'.join(['..'] * source.level)}{types} {{ {' '.join(map(_sent, source.selections))} }}"


def _renames(renames: tuple[Rename, ...]) -> list[str]:
    return [
        f"Rename({'.'.join(filter(None, (print_path(each.path), each.source)))} to {each.target})" for each in renames
    ]


def _flatten(paths: Iterable[Path], lines: Iterable[str], after: str = "") -> Iterator[str]:
    printed = [print_path(path) for path in paths]
    several = '", "'.join(printed)
    where = f'path: "{several}"' if len(printed) == 1 else f'paths: ["{several}"]'
    yield from _block(f"Flatten({where}{after})", lines)


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
