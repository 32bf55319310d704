"""
One operation, one supergraph, one stage: the text of it.

    graph        the nodes that the operation can touch, and the moves between them
    paths        for every leaf, the cheapest paths to it with their costs; then the tree of those chosen
    steps        who is asked what, after whom; before it is arranged in waves
    plan         what is run
    projection   how the response is written
    cost         what it will cost, field by field
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    validate,
    visit,
)

from trevo.door.cost import price_operation, print_price
from trevo.door.documents import fragments_by_name
from trevo.door.too_much import TooMuch
from trevo.graph import QueryGraph
from trevo.operation.selection import Selections, fields_of, print_condition
from trevo.plan.text import print_path, print_plan
from trevo.planner.arrange.write_documents import write_selections
from trevo.planner.build_fetch_steps import FetchStep, StepKind
from trevo.planner.planner import Planner
from trevo.projection.build import build_projection
from trevo.projection.conditions import condition_variables
from trevo.projection.text import print_projection
from trevo.supergraph import Supergraph

STAGES = ("graph", "paths", "steps", "plan", "projection", "cost")


class ExplainError(Exception):
    """The operation cannot be explained; the message says why."""


def explain(
    stage: str,
    supergraph: Supergraph,
    operation_text: str,
    labels: frozenset[str] = frozenset(),
    variables: Mapping[str, Any] | None = None,
) -> str:
    """
    The text of *stage* for the one operation in *operation_text*.

    *variables* count for its cost alone. Raises ExplainError and PlanningError.
    """
    document, operation = _read(supergraph, operation_text)
    if stage == "projection":
        fragments = fragments_by_name(document)
        conditions = _showing_most(document, condition_variables(operation, fragments))
        return print_projection(build_projection(supergraph.public_schema, operation, fragments, conditions))
    if stage == "cost":
        try:
            price = price_operation(
                supergraph.public_schema, supergraph.cost_rules, operation, fragments_by_name(document)
            )
            return print_price(price, variables or {})
        except TooMuch as excess:
            raise ExplainError(excess.message) from excess
    stages = Planner(supergraph).stages(document, operation, labels)
    match stage:
        case "graph":
            root = supergraph.root_types[operation.operation.value]
            return "\n".join(_print_graph(QueryGraph(supergraph, labels), root, stages.selections))
        case "paths":
            return "\n\n".join(["\n".join(map(str, stages.leaves)), *map(str, stages.trees)])
        case "steps":
            return "\n".join(line for step in stages.steps for line in _print_step(step))
        case _:
            return print_plan(stages.plan)


def _read(supergraph: Supergraph, text: str) -> tuple[DocumentNode, OperationDefinitionNode]:
    try:
        document = parse(text)
    except GraphQLError as error:
        raise ExplainError(f"The operation is not valid GraphQL: {error.message}") from error
    errors = validate(supergraph.public_schema, document)
    if errors:
        raise ExplainError("\n".join(error.message for error in errors))
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1:
        raise ExplainError(f"The file has {len(operations)} operations; one is wanted.")
    return document, operations[0]


def _showing_most(document: DocumentNode, variables: tuple[str, ...]) -> dict[str, bool]:
    """Values under which what is selected under a condition is shown: true for those that include, else false."""
    including: set[str] = set()

    class Including(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            if node.name.value == "include":
                including.update(a.value.name.value for a in node.arguments or () if isinstance(a.value, VariableNode))

    visit(document, Including())
    return {name: name in including for name in variables}


def _print_graph(graph: QueryGraph, root: str, selections: Selections) -> Iterator[str]:
    """The types that the operation comes by, in every subgraph that has them."""
    names = {root}
    pending = [(root, selections)]
    while pending:
        type_name, inner = pending.pop()
        for seen_as in {type_name, *graph.supergraph.possible(type_name)}:
            definition = graph.supergraph.types[seen_as]
            names.add(seen_as)
            pending += [
                (definition.fields[field.name].type.name, field.selections)
                for field in fields_of(inner)
                if field.selections and field.name in definition.fields
            ]
    for node in graph.nodes():
        if node.type_name in names:
            yield f"{node} ({node.kind})"
            yield from (f"  {move}" for name, move in graph.fields(node).items() if name != "__typename")
            yield from (f"  ─on→ {cast}" for cast in graph.casts(node).values())
    for name in sorted(names):
        yield from (f"{name} {entrance}" for entrance in graph.entrances(name))


def _print_step(step: FetchStep) -> Iterator[str]:
    where = f" at {print_path(step.path)}" if step.path else ""
    after = _print_after(step.needs)
    yield f"[{step.id}] {step.kind.value} of {step.subgraph}{where}{after}{print_condition(step.condition)}"
    by_type = step.kind is StepKind.ENTITIES
    yield f"    {write_selections(step.outputs, step.condition, by_type=by_type).text}"
    for part in step.parts:
        text = write_selections(part.outputs, part.condition, by_type=True).text
        yield f"    alone [{part.id}]{_print_after(part.after)}{print_condition(part.condition)} {text}"


def _print_after(needs: set[int]) -> str:
    return f" after {', '.join(map(str, sorted(needs)))}" if needs else ""
