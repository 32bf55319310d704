"""
What a subgraph's own door lets in: documents measured as the router measures them, and priced by the subgraph's schema.

A subgraph trusts nobody, the router neither. Its bounds leave room for what a router adds to an operation (keys,
aliases, several `_entities` in one document) and for lists that turn out longer than they were assumed to be; so what a
router of ours lets in comes through here too.

The router repeats the same texts, so nearly every document is read once. Strawberry's own caches do the same in two
steps, and know a parsed document by its hash, for which graphql-core walks the whole document each time. Here the text
is the key of both steps, and one hook per request does what four did.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import structlog
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from prometheus_client import Counter, Histogram
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from subgraphs.shared.graphql.compiled.documents import RUNS, Forms
from subgraphs.shared.settings import DoorSettings
from trevo.door.cache import BoundedCache
from trevo.door.cost import OperationPrice, check_cost, price_operation
from trevo.door.documents import DocumentBounds, fragments_by_name, read_document
from trevo.door.too_much import TooMuch

if TYPE_CHECKING:
    from subgraphs.shared.graphql.entities import FederatedSchema

log = structlog.get_logger()

ENTITIES = "_entities"

COST = Histogram(
    "subgraph_operation_cost_estimated",
    "What requests would cost, told before they run; the refused ones too.",
    ["subgraph", "kind"],
    buckets=(1, 10, 30, 100, 300, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 100_000),
)
REFUSED = Counter(
    "subgraph_operation_refused_total", "Requests refused for what they ask for, by the bound.", ["subgraph", "code"]
)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A text that was asked before, or asked the first time."""

    document: DocumentNode
    errors: list[GraphQLError]
    prices: Mapping[str | None, OperationPrice]
    """By the operation's name; None stands for the only one."""
    forms: Forms = field(default_factory=Forms, compare=False)
    """What it was compiled to, as soon as it came again."""


class Door:
    """The bounds of one subgraph, and the documents that it knows."""

    def __init__(self, settings: DoorSettings | None = None, *, subgraph: str = "") -> None:
        settings = settings or DoorSettings()
        self.subgraph = subgraph
        self._settings = settings
        self._bounds = DocumentBounds(
            query_characters_max=settings.query_characters_max,
            tokens_max=settings.query_tokens_max,
            depth_max=settings.query_depth_max,
            value_depth_max=settings.query_value_depth_max,
            root_fields_max=settings.query_root_fields_max,
            aliases_max=settings.query_aliases_max,
            introspection_aliases_max=settings.query_introspection_aliases_max,
            directives_max=settings.query_directives_max,
            fields_max=settings.query_fields_max,
            comparisons_max=settings.query_comparisons_max,
            conditions_max=settings.query_conditions_max,
            name_characters_max=settings.query_name_characters_max,
        )
        self._estimates = {kind: COST.labels(subgraph, kind) for kind in ("entities", "fields")}
        self.compiled_run = RUNS.labels(subgraph, "done")
        """Counts a request that was executed by code."""
        self.documents: BoundedCache[tuple[int, str], ReadDocument] = BoundedCache(
            bytes_max=settings.documents_cached_bytes_max, entries_max=settings.documents_cached_max
        )

    def known(self, schema: "FederatedSchema", text: str) -> ReadDocument | None:
        """The document in *text*, if it was asked before."""
        return self.documents.get((id(schema), text))

    def read(self, schema: "FederatedSchema", text: str, rules: tuple[Any, ...]) -> ReadDocument:
        """The document in *text*. Raises TooMuch as `documents` and `cost` in `trevo.door` do; GraphQLSyntaxError."""
        key = (id(schema), text)
        read = self.documents.get(key)
        if read is None:
            core = schema._schema  # noqa: SLF001  # Strawberry keeps the graphql-core schema there
            document, errors = read_document(
                core, text, self._bounds, further_rules=(*rules, MaybeNullValidationRule, OneOfInputValidationRule)
            )
            read = ReadDocument(document, errors, {} if errors else self._price(schema, document))
            self.documents.put(key, read)
        return read

    def _price(self, schema: "FederatedSchema", document: DocumentNode) -> Mapping[str | None, OperationPrice]:
        core = schema._schema  # noqa: SLF001  # as above
        rules = replace(schema.cost_rules, list_size_assumed=self._settings.list_size_assumed)
        fragments = fragments_by_name(document)
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        prices: dict[str | None, OperationPrice] = {
            node.name.value if node.name else None: price_operation(core, rules, node, fragments) for node in operations
        }
        if len(operations) == 1:
            prices[None] = next(iter(prices.values()))
        return prices

    def check_cost(self, read: ReadDocument, operation_name: str | None, variables: Mapping[str, Any]) -> None:
        """
        Raise TooMuch if the operation costs more than it may.

        Entities have a bound of their own: representations times what is selected of each. The whole rest has another.
        """
        price = read.prices.get(operation_name)
        if price is None:
            return  # there is no such operation, and Strawberry says so
        costs = price.estimate_by_field(variables)
        fields = sum([cost for name, cost in costs.items() if name != ENTITIES])
        for kind, cost, cost_max in (
            ("entities", costs.get(ENTITIES, 0.0), self._settings.entities_cost_max),
            ("fields", fields, self._settings.query_cost_max),
        ):
            if cost:
                self._estimates[kind].observe(cost)
            check_cost(cost, cost_max)

    def refuse(self, excess: TooMuch, operation_name: str | None) -> GraphQLError:
        """*excess* as the client is told, noted in metrics and log."""
        REFUSED.labels(self.subgraph, excess.code).inc()
        log.info(
            "request refused",
            subgraph=self.subgraph,
            operation=operation_name,
            code=excess.code,
            **excess.extensions,
        )
        return GraphQLError(excess.message, extensions={**excess.extensions, "code": excess.code})


class AtTheDoor(SchemaExtension):
    """Lets each request through the door of its subgraph, or not."""

    def on_parse(self) -> Iterator[None]:
        asked = self.execution_context
        # Strawberry parses what is not parsed yet, and validates what nobody has found errors, or none, in.
        if asked.query:
            door: Door = asked.context.door
            try:
                read = door.read(asked.schema, asked.query, asked.validation_rules)  # type: ignore[arg-type]  # ours
                if not asked.context.is_admitted:
                    door.check_cost(read, asked.operation_name, asked.variables or {})
            except TooMuch as excess:
                raise door.refuse(excess, asked.operation_name) from None
            asked.graphql_document, asked.pre_execution_errors = read.document, read.errors
        yield
