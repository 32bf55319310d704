"""
A subgraph of a world, in process and strict.

It executes with the same store as the plain schema, but only what it may: a field that it declares external is poison
outside of promised paths, one that was moved away is poison too, and a representation must hold a whole key and all
that is required. Whatever a right router never does is noted as a violation.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    get_directive_values,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution.values import VariableValues

from tests.router.differential.delays import Delays
from tests.router.differential.store import Below, Store, Thing, root_of, selections_of, with_defaults
from tests.router.differential.trouble import Trouble
from tests.router.differential.world import Field, Home
from tests.router.differential.write_sdl import write_subgraph
from trevo.clients.in_process import InProcessSubgraphClient
from trevo.clients.subgraph_client import SubgraphRequest

EVENTS = 4
"""Of a subscription: enough for the router to write code for its answers."""


@dataclass(frozen=True)
class Seen:
    """An object on its way through a subgraph: what was promised of it, and what was sent for it."""

    thing: Thing
    provided: SelectionSetNode | None = None
    sent: Mapping[str, Any] | None = None


@dataclass(eq=False)
class Subgraph:
    store: Store
    name: str
    violations: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    trouble: Trouble | None = None
    delays: Delays | None = None
    _documents: dict[str, DocumentNode | list[GraphQLError]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sdl = write_subgraph(self.store.world, self.name, with_directives=False)
        self.schema: GraphQLSchema = build_schema(sdl, assume_valid=True, no_location=True)

    def client(self) -> InProcessSubgraphClient:
        return InProcessSubgraphClient(self.name, self.answer, self.listen)

    async def listen(self, request: SubgraphRequest) -> AsyncGenerator[dict[str, Any], None]:
        """Some events of a subscription, all alike."""
        for _ in range(EVENTS):
            yield await self.answer(request)

    async def answer(self, request: SubgraphRequest) -> dict[str, Any]:
        if self.delays is not None:
            await self.delays.wait(self.name, request.document)
        self.asked.append(f"{request.document} {request.variables}")
        document = self._read(request.document)
        if isinstance(document, list):
            self.violations.append(f"{self.name} refuses {request.document}: {document[0].message}")
            return {"errors": [each.formatted for each in document]}
        if _asks_for_nothing(self.schema, document, request.variables):
            self.violations.append(f"{self.name} was asked for nothing: {request.document} {request.variables}")
        # A mutation that did not run would change what the others count.
        if self.trouble and not request.is_mutation and self.trouble.with_request(self.name, request):
            return {"errors": [{"message": f"{self.name} is in trouble."}]}
        result = execute_sync(
            self.schema,
            document,
            Seen(root_of(document)),
            variable_values=dict(request.variables),
            field_resolver=self._resolve,
            type_resolver=self._resolve_type,
        )
        return dict(result.formatted)

    def _read(self, text: str) -> DocumentNode | list[GraphQLError]:
        """The document, or what is wrong with it. Kept, because validating takes longer than executing."""
        known = self._documents.get(text)
        if known is None:
            document = parse(text)
            known = self._documents[text] = validate(self.schema, document) or document
        return known

    def _resolve(self, seen: Seen, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._entity_or_error(each) for each in arguments["representations"]]
        definition = self.store.world.types[info.parent_type.name]
        each = definition.fields[info.field_name]
        home = each.homes[self.name]
        promised = self._promised(seen.provided, each.name, seen.thing.type_name)
        provided = promised.selection_set if promised else None
        if promised is None and not home.resolves:
            self.violations.append(
                f"{self.name} was asked for {definition.name}.{each.name}, which it does not resolve"
            )
            return None
        if definition.name == "Mutation":
            self.store.mutations += 1
        if self.trouble and self.trouble.with_field(self.name, seen.thing.label, each.name):
            raise GraphQLError(f"{definition.name}.{each.name} is in trouble.")
        if home.requires:
            value = self.store.computed(seen.thing, each, arguments, self._required(seen, each, home))
        else:
            value = self.store.value(seen.thing, each, arguments)
        if home.provides:
            provided = selections_of(home.provides)
        return _see(value, provided)

    def _promised(self, provided: SelectionSetNode | None, name: str, type_name: str) -> FieldNode | None:
        """The promise of a field, if there is one for objects of this type."""
        for node in provided.selections if provided else ():
            if isinstance(node, InlineFragmentNode):
                assert node.type_condition
                applies = type_name in self.store.world.possible(node.type_condition.name.value)
                found = self._promised(node.selection_set, name, type_name) if applies else None
                if found:
                    return found
            elif isinstance(node, FieldNode) and node.name.value == name:
                return node
        return None

    def _resolve_type(self, seen: Seen, *_: Any) -> str:
        name = seen.thing.type_name
        if name in self.schema.type_map:
            return name
        # Only the interface is known of it, as an object.
        return next(each for each in self.schema.type_map if name in self._seen_as_object(each))

    def _seen_as_object(self, name: str) -> list[str]:
        definition = self.store.world.types.get(name)
        sees_object = definition is not None and self.name in definition.interface_object_in
        return self.store.world.possible(name) if sees_object else []

    # --- entities ---

    def _entity_or_error(self, sent: Mapping[str, Any]) -> Seen | GraphQLError | None:
        try:
            return self._entity(sent)
        except GraphQLError as error:
            return error

    def _entity(self, sent: Mapping[str, Any]) -> Seen | None:
        type_name = sent["__typename"]
        definition = self.store.world.types[type_name]
        keys = [key.fields for key in definition.keys.get(self.name, ()) if key.resolvable]
        for key in keys:
            for thing in self.store.entities[type_name]:
                # Nobody is known by a key without a value.
                known_as = self.store.read(thing, selections_of(key)) or {}
                if None not in known_as.values() and _holds(known_as, sent):
                    if self.trouble and self.trouble.with_entity(self.name, thing.label):
                        raise GraphQLError(f"{thing.label} is in trouble.")
                    return None if self.name in thing.missing_in else Seen(thing, sent=sent)
        self.violations.append(f"{self.name} was sent {dict(sent)}, which has none of the keys {keys}")
        return None

    def _required(self, seen: Seen, each: Field, home: Home) -> dict[str, Any]:
        assert home.requires
        required = self._project(seen.sent, selections_of(home.requires))
        if not isinstance(required, dict):
            self.violations.append(f"{self.name} was asked for {each.name} without what it requires")
            return {}
        try:
            expected = self.store.read(seen.thing, selections_of(home.requires))
        except GraphQLError:
            # What failed cannot be sent; asking all the same computes a value from nothing.
            self.violations.append(f"{self.name} was asked for {each.name}, although what it requires failed")
        else:
            if not _holds(expected, required):
                self.violations.append(f"{self.name} computes {each.name} of {required}, it requires {expected}")
        return required

    def _project(self, value: Any, selections: SelectionSetNode | None) -> Any:
        """The part of a representation that a requirement names; other requirements may have been sent with it."""
        if isinstance(value, list):
            return [self._project(item, selections) for item in value]
        if not isinstance(value, Mapping) or selections is None:
            return value
        found: dict[str, Any] = {}
        for node in selections.selections:
            if isinstance(node, InlineFragmentNode):
                assert node.type_condition
                if value.get("__typename") in self.store.world.possible(node.type_condition.name.value):
                    found |= self._project(value, node.selection_set)
            elif isinstance(node, FieldNode) and node.name.value in value:
                found[node.name.value] = self._project(value[node.name.value], node.selection_set)
        return found


def _asks_for_nothing(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> bool:
    """Whether conditions leave nothing of the root fields, or of all that is asked of some entities."""
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    if isinstance(values, list):
        return False  # which is told when it is executed
    fields = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)]
    calls = [each.selection_set for each in fields if each.name.value == "_entities" and each.selection_set]
    return not all(_leaves_something(each, values) for each in calls or [operation.selection_set])


def _leaves_something(selections: SelectionSetNode, values: VariableValues) -> bool:
    for each in selections.selections:
        skip = get_directive_values(GraphQLSkipDirective, each, values)
        include = get_directive_values(GraphQLIncludeDirective, each, values)
        if (skip and skip["if"]) or (include and not include["if"]):
            continue
        if not isinstance(each, InlineFragmentNode) or _leaves_something(each.selection_set, values):
            return True
    return False


def _see(value: Any, provided: SelectionSetNode | None) -> Any:
    if isinstance(value, list):
        return [_see(item, provided) for item in value]
    return Seen(value, provided) if isinstance(value, Thing) else value


def _holds(expected: Any, sent: Any) -> bool:
    """Whether *sent* says all that *expected* says; a null need not be said."""
    if expected is None:
        return sent is None
    if isinstance(expected, dict):
        return isinstance(sent, Mapping) and all(_holds(value, sent.get(name)) for name, value in expected.items())
    if isinstance(expected, list):
        return isinstance(sent, list) and len(sent) == len(expected) and all(map(_holds, expected, sent))
    return bool(expected == sent)


def make_subgraphs(store: Store) -> dict[str, Subgraph]:
    """All subgraphs of the store's world."""
    return {name: Subgraph(store, name) for name in store.world.subgraphs}


def plain_resolve(store: Store, below: Below, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """The resolver of the plain schema."""
    each = store.world.types[info.parent_type.name].fields[info.field_name]
    if info.parent_type.name == "Mutation":
        store.mutations += 1
    given = {**with_defaults(store.world, each, arguments), **store.taken(each, below.above)}
    return _below(store.value(below.thing, each, given), below)


def _below(value: Any, above: Below) -> Any:
    if isinstance(value, list):
        return [_below(item, above) for item in value]
    return Below(value, above) if isinstance(value, Thing) else value


def plain_resolver(store: Store) -> Any:
    return partial(plain_resolve, store)
