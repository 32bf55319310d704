"""
Plans one operation. This is the planner in five calls:

    leaves = find_paths(…)          every cheapest way to reach every leaf
    tree = choose_paths(…)          those that cost least together
    steps = build_fetch_steps(…)    who is asked what, and after whom
    steps = merge_fetch_steps(…)    fewer requests, same data
    plan = arrange(…)               requests, and what each needs

Each is a folder of that name. Mutations and subscriptions go the same way, their root fields one by one.
"""

from dataclasses import dataclass, replace

from graphql import print_ast

from trevo.graph import QueryGraph
from trevo.operation.normalize import (
    AliasError,
    DirectiveError,
    add_contexts,
    decide,
    normalize_operation,
    undecided_variable,
)
from trevo.operation.selection import Selections
from trevo.operation.tree import Operation, deferrals_in
from trevo.plan.nodes import Deferred, QueryPlan, either
from trevo.planner.arrange import VariableDefinitions, arrange, listen_first
from trevo.planner.build_fetch_steps import FetchStep, StepKind, build_fetch_steps
from trevo.planner.choose_paths import Place, Tree, choose_paths
from trevo.planner.errors import DirectiveNotPassedOnError, PlanningError
from trevo.planner.find_paths import KnownWays, Leaf, Path, find_paths
from trevo.planner.limits import Budget
from trevo.planner.merge_fetch_steps import merge_fetch_steps
from trevo.planner.plan_in_order import plan_in_order


@dataclass(frozen=True, slots=True)
class Stages:
    """What came of each stage, for those who want to see how a plan was made."""

    selections: Selections
    leaves: tuple[Leaf, ...]
    trees: tuple[Tree, ...]
    steps: tuple[FetchStep, ...]
    plan: QueryPlan


def plan_operation(graph: QueryGraph, known: KnownWays, operation: Operation, budget: Budget) -> Stages:
    """
    Plan *operation*.

    Raises PlanningError where no subgraph can answer a field, PlanningLimitError beyond *budget*.
    """
    try:
        selections = normalize_operation(graph.supergraph, operation)
    except AliasError as error:
        raise PlanningError(str(error)) from None
    except DirectiveError as error:
        raise DirectiveNotPassedOnError(str(error)) from None
    selections = add_contexts(graph.supergraph, selections, graph.supergraph.root_types[operation.kind])
    variables = _variable_definitions(operation)
    if operation.kind == "subscription":
        return _plan_subscription(graph, known, selections, variables, budget)
    plan_it = _plan_mutation if operation.kind == "mutation" else _plan_query
    stages = plan_it(graph, known, selections, variables, budget)
    deferrals = deferrals_in(operation)
    if not deferrals:
        return stages
    deferred = tuple(Deferred(each.number, each.label, each.above.number if each.above else None) for each in deferrals)
    return replace(stages, plan=replace(stages.plan, deferred=deferred))


def _plan_query(
    graph: QueryGraph, known: KnownWays, selections: Selections, variables: VariableDefinitions, budget: Budget
) -> Stages:
    start = graph.start(graph.supergraph.root_types["query"])
    leaves = find_paths(graph, known, selections, Path.start(start), budget)
    tree = choose_paths(start, Place.of_client(selections), leaves, budget)
    steps = build_fetch_steps(graph, tree)
    steps = merge_fetch_steps(steps, budget)
    plan = arrange(steps, variables, budget)
    return Stages(selections, tuple(leaves), (tree,), tuple(steps), plan)


def _plan_mutation(
    graph: QueryGraph,
    known: KnownWays,
    selections: Selections,
    variables: VariableDefinitions,
    budget: Budget,
    *,
    decided: int = 0,
) -> Stages:
    undecided = undecided_variable(selections)
    if undecided is not None:
        # When a field runs depends on a condition, so there is a plan for either case.
        budget.check_decisions(decided + 1)
        both = [
            _plan_mutation(
                graph, known, decide(selections, undecided, value=value), variables, budget, decided=decided + 1
            )
            for value in (True, False)
        ]
        return _choose_by(undecided, *both)
    leaves, trees = plan_in_order(graph, known, selections, budget, root="mutation")
    steps: list[FetchStep] = []
    for tree in trees:
        # A mutation's answer is complete, other subgraphs' part included, before the next one runs.
        before = {step.id for step in steps if not step.deferred}
        following = build_fetch_steps(graph, tree, root=StepKind.MUTATION, first_id=len(steps))
        for step in following:
            step.after |= before
        steps += following
    # What is wanted later comes after all that changes something.
    at_once = {step.id for step in steps if not step.deferred}
    for step in steps:
        if step.deferred:
            step.after |= at_once
    steps = merge_fetch_steps(steps, budget)
    return Stages(selections, tuple(leaves), tuple(trees), tuple(steps), arrange(steps, variables, budget))


def _plan_subscription(
    graph: QueryGraph, known: KnownWays, selections: Selections, variables: VariableDefinitions, budget: Budget
) -> Stages:
    # Validation has seen to it that there is one root field, under no condition.
    leaves, trees = plan_in_order(graph, known, selections, budget, root="subscription")
    steps = [step for tree in trees for step in build_fetch_steps(graph, tree, root=StepKind.SUBSCRIPTION)]
    steps = merge_fetch_steps(steps, budget)
    plan = listen_first(arrange(steps, variables, budget))
    return Stages(selections, tuple(leaves), tuple(trees), tuple(steps), plan)


def _choose_by(variable: str, if_true: Stages, if_false: Stages) -> Stages:
    return Stages(
        if_true.selections + if_false.selections,
        if_true.leaves + if_false.leaves,
        if_true.trees + if_false.trees,
        if_true.steps + if_false.steps,
        either(variable, if_true.plan, if_false.plan),
    )


def _variable_definitions(operation: Operation) -> VariableDefinitions:
    return {
        definition.variable.name.value: print_ast(definition.type)
        + (f" = {print_ast(definition.default_value)}" if definition.default_value else "")
        for definition in operation.variables
    }
