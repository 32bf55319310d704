"""
One operation, one supergraph, one stage: the text of it.

    graph        the nodes that the operation can touch, and the moves between them
    paths        for every leaf, the cheapest paths to it with their costs; then the tree of those chosen
    steps        who is asked what, after whom; before it is arranged in waves
    plan         what is run
    projection   how the response is written
    code         the program that does both, where nothing goes wrong
    cost         what it will cost, field by field

For somebody in particular, all but the cost are about what is left of the operation, and say what is not.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse, validate

from trevo.door.cost import price_operation, print_price
from trevo.door.documents import fragments_by_name
from trevo.door.too_much import TooMuch
from trevo.execute.prepare import PreparedPlan, prepare_plan
from trevo.graph import QueryGraph
from trevo.operation.deferral import defer_conditions, defer_parts
from trevo.operation.leave_out import leave_out, rule_of_operation
from trevo.operation.selection import Selections, fields_of, print_condition, print_conditions
from trevo.operation.tree import Operation, build_tree
from trevo.plan.text import print_path, print_plan
from trevo.planner.arrange.write_documents import write_selections
from trevo.planner.build_fetch_steps import FetchStep, StepKind
from trevo.planner.limits import PlanningLimits
from trevo.planner.planner import Planner
from trevo.program.layout import CannotCompile
from trevo.program.program import compile_program
from trevo.program.text import print_program
from trevo.projection.build import Projection, ResponseTypes, build_projection
from trevo.projection.text import print_projection
from trevo.supergraph import Supergraph
from trevo.supergraph.authorization import Asker, failing
from trevo.supergraph.public_schema import with_defer

STAGES = ("graph", "paths", "steps", "plan", "projection", "code", "cost")


class ExplainError(Exception):
    """The operation cannot be explained; the message says why."""


def explain(
    stage: str,
    supergraph: Supergraph,
    operation_text: str,
    labels: frozenset[str] = frozenset(),
    variables: Mapping[str, Any] | None = None,
    *,
    asker: Asker | None = None,
    operation_name: str | None = None,
    limits: PlanningLimits | None = None,
) -> str:
    """
    The text of *stage* for the one operation in *operation_text*, or the one called *operation_name*, as *asker* may
    have it; None: all of it.

    *variables* count for its cost alone. Raises ExplainError and PlanningError.
    """
    document, operation = _read(supergraph, operation_text, operation_name)
    if stage == "cost":
        return _explain_cost(supergraph, document, operation, variables or {})
    tree = build_tree(*_deferring(document, operation))
    if asker is None:
        return _explain_stage(stage, Planner(supergraph, limits), labels, tree, tree)
    given = (supergraph.authorization, supergraph.public_schema, tree)
    allowed = leave_out(*given, failing(rule_of_operation(*given), asker))
    text = _explain_stage(stage, Planner(supergraph, limits), labels, allowed.asked, allowed.written)
    left_out = "".join(f"  {each.coordinate}{print_condition(each.condition)}\n" for each in allowed.left_out)
    return f"{text.rstrip()}\n\nLeft out:\n{left_out}" if left_out else text


def _deferring(
    document: DocumentNode, operation: OperationDefinitionNode
) -> tuple[DocumentNode, OperationDefinitionNode]:
    """*operation* written out with all that it ever defers; as it is where that is nothing."""
    fragments = fragments_by_name(document)
    when = defer_conditions(operation, fragments)
    if when is None:
        return document, operation
    conditions = _showing_most(build_tree(document, operation)) | dict.fromkeys(when.variables, True)
    written = defer_parts(operation, fragments, conditions, sys.maxsize)
    return DocumentNode(definitions=(written,)), written


def _explain_cost(
    supergraph: Supergraph, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> str:
    schema, rules = supergraph.public_schema, supergraph.cost_rules
    try:
        return print_price(price_operation(schema, rules, operation, fragments_by_name(document)), variables)
    except TooMuch as excess:
        raise ExplainError(excess.message) from excess


def _explain_stage(stage: str, planner: Planner, labels: frozenset[str], asked: Operation, written: Operation) -> str:
    supergraph = planner.supergraph
    if stage in {"projection", "code"}:
        conditions = _showing_most(written)
        projection = build_projection(ResponseTypes(supergraph.public_schema), written, conditions)
        if stage == "projection":
            return print_projection(projection)
        return _explain_code(prepare_plan(planner.plan(asked, labels)), projection, conditions)
    stages = planner.stages(asked, labels)
    match stage:
        case "graph":
            root = supergraph.root_types[asked.kind]
            return "\n".join(_print_graph(QueryGraph(supergraph, labels), root, stages.selections))
        case "paths":
            return "\n\n".join(["\n".join(map(str, stages.leaves)), *map(str, stages.trees)])
        case "steps":
            return "\n".join(line for step in stages.steps for line in _print_step(step))
        case _:
            return print_plan(stages.plan)


def _explain_code(plan: PreparedPlan, projection: Projection, conditions: Mapping[str, bool]) -> str:
    try:
        return print_program(compile_program(plan, projection, conditions, keep_text=True))
    except CannotCompile as error:
        raise ExplainError(f"There is no code for this, the interpreter runs it: {error}") from error


def _read(supergraph: Supergraph, text: str, name: str | None) -> tuple[DocumentNode, OperationDefinitionNode]:
    try:
        document = parse(text)
    except GraphQLError as error:
        raise ExplainError(f"The operation is not valid GraphQL: {error.message}") from error
    errors = validate(with_defer(supergraph.public_schema), document)
    if errors:
        raise ExplainError("\n".join(error.message for error in errors))
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name is not None and node.name.value == name]
    if len(operations) != 1:
        raise ExplainError(f"The file has {len(operations)} operations; one is wanted.")
    return document, operations[0]


def _showing_most(operation: Operation) -> dict[str, bool]:
    """Values under which what is selected under a condition is shown: true for those that include, else false."""
    return {name: (name, True) in operation.conditions for name in operation.condition_names}


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
    yield f"[{step.id}] {step.kind.value} of {step.subgraph}{where}{after}{print_conditions(step.conditions)}"
    by_type = step.kind is StepKind.ENTITIES
    yield f"    {write_selections(step.outputs, step.condition, by_type=by_type).text}"
    for part in step.parts:
        text = write_selections(part.outputs, part.condition, by_type=True).text
        yield f"    alone [{part.id}]{_print_after(part.after)}{print_conditions(part.conditions)} {text}"


def _print_after(needs: set[int]) -> str:
    return f" after {', '.join(map(str, sorted(needs)))}" if needs else ""
