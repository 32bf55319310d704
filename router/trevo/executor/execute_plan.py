"""
Running a query plan.

    Sequence    each node after the one before it
    Parallel    all at the same time
    Condition   the branch that the variable names
    Fetch       ask, check, merge (fetch.py)

A subscription's plan is run once for each event (`execute_event`): the event stands for the primary's answer.

A fetch that fails is noted and the others go on: whatever depended on it finds nothing to ask about. Only bugs and
cancellation leave `execute_plan` as exceptions, and they cancel the fetches under way.
"""

import asyncio

from trevo.clients.subgraph_client import SubgraphResponse
from trevo.executor.execution import Execution
from trevo.executor.fetch import run_fetch, take_event
from trevo.executor.prepare import PreparedPlan
from trevo.plan.nodes import Condition, Fetch, Parallel, PlanNode, Sequence, Subscription


async def execute_plan(prepared: PreparedPlan, execution: Execution) -> None:
    """Fill *execution*'s data tree as *prepared* says."""
    if prepared.plan.root is not None:
        await _run(prepared.plan.root, prepared, execution)


async def execute_event(
    plan: Subscription, prepared: PreparedPlan, event: SubgraphResponse, execution: Execution
) -> None:
    """Fill *execution*'s data tree with *event*, and with what *plan* asks of others for it."""
    take_event(plan.primary, prepared.fetches[id(plan.primary)], event, execution)
    if plan.rest is not None:
        await _run(plan.rest, prepared, execution)


async def _run(node: PlanNode, prepared: PreparedPlan, execution: Execution) -> None:
    match node:
        case Fetch():
            await run_fetch(node, prepared.fetches[id(node)], execution)
        case Sequence(nodes):
            for child in nodes:
                await _run(child, prepared, execution)
        case Parallel(nodes):
            async with asyncio.TaskGroup() as group:
                for child in nodes:
                    group.create_task(_run(child, prepared, execution))
        case Condition(variable, if_true, if_false):
            chosen = if_true if execution.conditions[variable] else if_false
            if chosen is not None:
                await _run(chosen, prepared, execution)
        case Subscription():
            raise TypeError("A subscription is listened to, not run.")
