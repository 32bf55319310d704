"""
What is worked out of an operation, stage by stage: nothing of it depends on one request alone.

    PreparedOperation   parsed, validated, priced; what all of it needs is known; then with what of it is deferred
    Permitted           what of it somebody may have
    Planned             what is asked of whom, and what the answer looks like
"""

from collections.abc import Hashable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

from trevo.door.cost import CostRules, price_operation
from trevo.door.documents import fragments_by_name
from trevo.execute.prepare import PreparedPlan
from trevo.operation.deferral import Deferral, defer_conditions, defer_parts
from trevo.operation.freshness import seconds_kept
from trevo.operation.leave_out import LeftOut, rule_of_operation
from trevo.operation.tree import Operation, build_tree, deferrals_in
from trevo.program.program import Program
from trevo.projection.build import Projection
from trevo.projection.introspection import Answers
from trevo.supergraph.authorization import AuthorizationRules
from trevo.supergraph.cache_control import CacheRules


@dataclass(eq=False, slots=True)
class Permitted:
    """What of an operation somebody may have: all of it, or what is left where some clauses fail."""

    key: Hashable
    asked: Operation
    """What is planned."""
    written: Operation
    """What the answer looks like."""
    left_out: tuple[LeftOut, ...] = ()
    weight: int = 0
    """In memory, with its key."""
    condition_names: tuple[str, ...] = field(init=False)
    """The variables that decide what the answer looks like, in a fixed order."""
    is_answered_here: bool = field(init=False)
    """Whether no subgraph has to be asked, whatever they decide."""

    def __post_init__(self) -> None:
        self.condition_names = self.written.condition_names
        self.is_answered_here = self.asked.is_answered_here


class Mark:
    """
    One preparation of an operation, known by its identity.

    Another one of the same text is another, but has the same hash: by it a cache sees that what is made of an operation
    comes again, long after the operation was forgotten.
    """

    __slots__ = ("_hash",)

    def __init__(self, key: Hashable) -> None:
        self._hash = hash(key)

    def __hash__(self) -> int:
        return self._hash


class PreparedOperation:
    """One operation of one document, with all of it that does not depend on a request."""

    __slots__ = (
        "_syntax",
        "condition_names",
        "defer_conditions",
        "deferrals",
        "kind",
        "mark",
        "name",
        "price",
        "rule",
        "seconds_kept",
        "tree",
        "whole",
    )

    def __init__(
        self,
        schema: GraphQLSchema,
        cost_rules: CostRules,
        authorization: AuthorizationRules,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        *,
        cache_rules: CacheRules,
        key: Hashable,
    ) -> None:
        self.mark = Mark(key)
        """
        What is made of it is known by this and not by its text, because answers to introspection are found by the
        fields of its tree: of the same text, read anew, they would not be found.
        """
        self.defer_conditions = defer_conditions(operation, fragments_by_name(document))
        """When something of it is deferred; None for never."""
        self._syntax = None if self.defer_conditions is None else (document, operation)
        """Kept only where it is needed again: it takes more memory than all else here."""
        self.deferrals: tuple[Deferral, ...] = ()
        self.tree = build_tree(document, operation)
        self.name = self.tree.name
        self.kind = self.tree.kind
        self.condition_names = self.tree.condition_names
        """The variables that conditions read, in a fixed order."""
        self.whole = Permitted(key=self.mark, asked=self.tree, written=self.tree)
        self.price = price_operation(schema, cost_rules, operation, fragments_by_name(document))
        self.rule = rule_of_operation(authorization, schema, self.tree)
        """What all of it needs."""
        self.seconds_kept = 0 if self.rule else seconds_kept(cache_rules, schema, self.tree)
        """For how long anybody may keep its answer. What is not for everybody is nobody else's to keep."""

    def deferring(self, conditions: Mapping[str, bool], deferrals_max: int) -> "PreparedOperation":
        """The same, with what is deferred under these *conditions*. Refuses where that is more than *deferrals_max*."""
        assert self._syntax is not None  # noqa: S101  # the caller has seen that something may be deferred
        document, operation = self._syntax
        written = defer_parts(operation, fragments_by_name(document), conditions, deferrals_max)
        # The fragments are for what introspection spreads.
        others = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        deferring = copy(self)
        deferring.mark = Mark((self.mark, tuple(conditions.values())))
        deferring.tree = build_tree(DocumentNode(definitions=(written, *others)), written)
        deferring.condition_names = deferring.tree.condition_names
        deferring.deferrals = deferrals_in(deferring.tree)
        deferring.whole = Permitted(key=deferring.mark, asked=deferring.tree, written=deferring.tree)
        return deferring


class Planned(NamedTuple):
    """All that one request with an operation takes, except its values."""

    plan: PreparedPlan
    projection: Projection
    introspected: Answers
    """What of it is answered here."""
    program: Program | None = None
    """The code that runs *plan* and writes *projection*, where there is any."""
