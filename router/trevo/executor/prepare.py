"""
What can be known of a plan before it runs, worked out once and cached with it.

For each fetch: the response keys it should bring, read from its own document. They are needed when it fails, to tell
which fields are null because of that and which are null because a subgraph said so.
"""

from dataclasses import dataclass

from graphql import FieldNode, FragmentSpreadNode, GraphQLError, InlineFragmentNode, SelectionSetNode, parse

from trevo.door.documents import fragments_by_name
from trevo.executor.errors import Outputs
from trevo.executor.representations import PreparedInputs, prepare_inputs
from trevo.operation.parse import select_operation
from trevo.plan.nodes import Condition, Fetch, Key, Parallel, PlanNode, QueryPlan, Rename, Sequence, Subscription


@dataclass(frozen=True, slots=True)
class PreparedFetch:
    """What can be known of one fetch."""

    outputs: Outputs
    """What it should bring."""
    inputs: tuple[PreparedInputs, ...]
    """Of each of its calls."""


@dataclass(frozen=True, slots=True)
class PreparedPlan:
    """A plan and, by the identity of each fetch node, what is known of the fetch."""

    plan: QueryPlan
    fetches: dict[int, PreparedFetch]


def prepare_plan(plan: QueryPlan) -> PreparedPlan:
    """Read the documents and inputs of all fetches of *plan*."""
    fetches = _fetches(plan.root) if plan.root else []
    return PreparedPlan(
        plan,
        {
            id(fetch): PreparedFetch(_outputs_of(fetch), tuple(prepare_inputs(call.inputs) for call in fetch.calls))
            for fetch in fetches
        },
    )


def _fetches(node: PlanNode) -> list[Fetch]:
    match node:
        case Subscription(primary, rest):
            return [primary, *(_fetches(rest) if rest else ())]
        case Fetch():
            return [node]
        case Sequence(nodes) | Parallel(nodes):
            return [fetch for child in nodes for fetch in _fetches(child)]
        case Condition(_, if_true, if_false):
            return [fetch for child in (if_true, if_false) if child for fetch in _fetches(child)]


def _outputs_of(fetch: Fetch) -> Outputs:
    outputs = document_outputs(fetch.document)
    _rename(outputs, fetch.renames)
    for call in fetch.calls:
        _rename(outputs.get(call.response_key, {}), call.renames)
    return outputs


def document_outputs(text: str) -> Outputs:
    """The response keys that *text*, an operation for a subgraph, asks for, whatever the runtime types."""
    document = parse(text)
    fragments = fragments_by_name(document)

    def add(outputs: Outputs, selection_set: SelectionSetNode | None) -> None:
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                add(outputs.setdefault(key, {}), node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                add(outputs, node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                if node.name.value not in fragments:
                    raise GraphQLError(f"Fragment {node.name.value} is not defined.")
                add(outputs, fragments[node.name.value].selection_set)

    outputs: Outputs = {}
    add(outputs, select_operation(document, None).selection_set)
    return outputs


def _rename(outputs: Outputs, renames: tuple[Rename, ...]) -> None:
    for rename in renames:
        below: Outputs | None = outputs
        for segment in rename.path:
            if isinstance(segment, Key):
                below = below.get(segment.name) if below is not None else None
        if below is not None and rename.source in below:
            below.setdefault(rename.target, {}).update(below.pop(rename.source))
