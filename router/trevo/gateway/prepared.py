"""
What is worked out of an operation, stage by stage: nothing of it depends on one request alone.

    PreparedOperation   parsed, validated, priced; what all of it needs is known
    Permitted           what of it somebody may have
    Planned             what is asked of whom, and what the answer looks like
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from trevo.door.cost import CostRules, price_operation
from trevo.door.documents import fragments_by_name
from trevo.execute.prepare import PreparedPlan
from trevo.operation.leave_out import LeftOut, rule_of_operation
from trevo.program.program import Program
from trevo.projection.build import Projection
from trevo.projection.conditions import condition_variables
from trevo.projection.introspection import Answers, Remainder, introspection_nodes, split_off_introspection
from trevo.supergraph.authorization import AuthorizationRules


@dataclass(eq=False, slots=True)
class Permitted:
    """What of an operation somebody may have: all of it, or what is left where some clauses fail."""

    key: Hashable
    remainder: Remainder
    """What is planned."""
    operation: OperationDefinitionNode
    """What the answer looks like."""
    fragments: Mapping[str, FragmentDefinitionNode]
    condition_names: tuple[str, ...]
    denied: frozenset[int] = frozenset()
    """The fields of *operation* that are null in the answer, by their identity."""
    left_out: tuple[LeftOut, ...] = ()
    weight: int = 0
    """In memory, with its key."""


class PreparedOperation:
    """One operation of one document, with all of it that does not depend on a request."""

    def __init__(
        self,
        schema: GraphQLSchema,
        cost_rules: CostRules,
        authorization: AuthorizationRules,
        document: DocumentNode,
        operation: OperationDefinitionNode,
    ) -> None:
        self.mark = object()
        """
        What is made of it is known by this and not by its text, because answers to introspection are found by the
        identity of its syntax nodes: of the same text, read anew, they would not be found.
        """
        self.operation = operation
        self.name = operation.name.value if operation.name else None
        self.kind = operation.operation.value
        self.fragments: Mapping[str, FragmentDefinitionNode] = fragments_by_name(document)
        self.whole = Permitted(
            key=self.mark,
            remainder=split_off_introspection(document, operation, self.fragments),
            operation=operation,
            fragments=self.fragments,
            condition_names=condition_variables(operation, self.fragments),
        )
        self.introspection_nodes = introspection_nodes(operation, self.fragments)
        self.price = price_operation(schema, cost_rules, operation, self.fragments)
        self.rule = rule_of_operation(authorization, schema, operation, self.fragments)
        """What all of it needs."""


@dataclass(frozen=True, slots=True)
class Planned:
    """All that one request with an operation takes, except its values."""

    plan: PreparedPlan
    projection: Projection
    introspected: Answers
    """What of it is answered here."""
    program: Program | None = None
    """The code that runs *plan* and writes *projection*, where there is any."""
