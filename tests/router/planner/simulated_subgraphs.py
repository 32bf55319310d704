"""
Subgraphs made from a supergraph alone, over one store of objects, and the same data as one plain schema.

The supergraph says which subgraph has what, so each can be simulated, and strictly: reading an external field that
was not provided, asking an entity by no key of its own, or asking for a field without sending what it requires is
noted as a violation. With the store behind both, the router over the subgraphs and the plain schema must give the
same answers to everything.
"""

import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    is_enum_type,
    parse,
    validate,
)

from router.executor.in_process import InProcessSubgraphClient
from router.executor.subgraph_client import SubgraphRequest
from router.supergraph import Field, JoinField, Supergraph, TypeDefinition

OBJECTS_PER_TYPE = 3


@dataclass(eq=False)
class Thing:
    """An object of the store."""

    type_name: str
    number: int
    values: dict[str, Any] = field(default_factory=dict)


class Store:
    """Objects of every type with a value for every field, made from *seed*."""

    def __init__(self, supergraph: Supergraph, seed: int) -> None:
        self.supergraph = supergraph
        self.mutations: list[tuple[str, dict[str, Any]]] = []
        """The root fields of mutations that were run, in order."""
        self._random = random.Random(seed)
        roots = set(supergraph.root_types.values())
        objects = [each for each in supergraph.types.values() if each.kind == "object"]
        self.things = {
            each.name: [Thing(each.name, n) for n in range(1 if each.name in roots else OBJECTS_PER_TYPE)]
            for each in objects
        }
        self._keys = {each.name: _key_fields(supergraph, each.name) for each in objects}
        for definition in objects:
            for thing in self.things[definition.name]:
                for each in definition.fields.values():
                    thing.values[each.name] = self._make(definition, each, thing)

    def value(self, thing: Thing, field_name: str, arguments: Mapping[str, Any]) -> Any:
        """What the field is; scalars depend on their arguments, and objects do not."""
        if thing.type_name == self.supergraph.root_types.get("mutation"):
            self.mutations.append((field_name, dict(arguments)))
        value = thing.values[field_name]
        if arguments and isinstance(value, str):
            return f"{value}{sorted(arguments.items())}"
        if arguments and isinstance(value, int) and not isinstance(value, bool):
            return value + zlib.crc32(repr(sorted(arguments.items())).encode()) % 1000
        return value

    def _make(self, definition: TypeDefinition, each: Field, thing: Thing) -> Any:
        is_key = each.name in self._keys[definition.name]
        # One subgraph may promise a value where the whole does not.
        strict = [join.type.text for join in each.joins if join.type and join.type.text.endswith("!")]
        return self._make_value((strict or [each.type.text])[0], definition, each, thing, is_key=is_key)

    def _make_value(self, text: str, definition: TypeDefinition, each: Field, thing: Thing, *, is_key: bool) -> Any:
        if text.endswith("!"):
            text = text[:-1]
        elif not is_key and definition.name != "Query" and self._random.random() < 0.15:
            return None
        if text.startswith("["):
            inner = text[1:-1]
            return [
                self._make_value(inner, definition, each, thing, is_key=is_key)
                for _ in range(thing.number + 1 if is_key else self._random.randint(0, 3))
            ]
        if text in self.supergraph.types:
            name = self._random.choice(sorted(self._possible(text, definition, each)))
            # Objects in keys differ as the objects that have them do.
            return self.things[name][thing.number] if is_key else self._random.choice(self.things[name])
        return self._scalar(text, f"{definition.name}{thing.number}.{each.name}", is_key=is_key)

    def _scalar(self, type_name: str, label: str, *, is_key: bool) -> Any:
        number = zlib.crc32(label.encode()) % 10_000
        if type_name == "Boolean":
            return bool(number % 2)
        if type_name == "Int":
            return number
        if type_name == "Float":
            return number / 8
        enum = self.supergraph.public_schema.type_map.get(type_name)
        if enum is not None and is_enum_type(enum):
            return sorted(enum.values)[number % len(enum.values)]
        return label if is_key or number % 3 else f"shared {number % 2}"

    def _possible(self, type_name: str, definition: TypeDefinition, each: Field) -> frozenset[str]:
        """The types that every subgraph that resolves the field knows there."""
        possible = self.supergraph.possible(type_name)
        for subgraph in definition.subgraphs:
            if definition.is_interface_object_in(subgraph) or not resolves(definition, each, subgraph):
                continue
            join = each.join_in(subgraph)
            declared = (join.type if join else None) or each.type
            possible &= known_types(self.supergraph, declared.name, subgraph)
        return possible


def known_types(supergraph: Supergraph, type_name: str, subgraph: str) -> frozenset[str]:
    """The object types that *subgraph* can return for *type_name*."""
    definition = supergraph.types[type_name]
    if definition.kind == "union":
        return definition.members.get(subgraph, frozenset())
    if definition.kind == "interface" and not definition.is_interface_object_in(subgraph):
        return frozenset(
            name
            for name in supergraph.possible(type_name)
            if type_name in supergraph.types[name].implements.get(subgraph, ())
        )
    return supergraph.possible(type_name)


def resolves(definition: TypeDefinition, each: Field, subgraph: str) -> bool:
    join = each.join_in(subgraph) if each.joins else JoinField(subgraph)
    if join is None or not definition.is_in(subgraph) or join.external:
        return False
    return not any(other.override == subgraph for other in each.joins)


def _key_fields(supergraph: Supergraph, type_name: str) -> set[str]:
    """The fields of a type that are part of any key, so that they are never null and differ between objects."""
    found = set()
    for definition in supergraph.types.values():
        for join in definition.joins:
            if join.key:
                found |= set(join.key.replace("{", " ").replace("}", " ").split())
    return found & set(supergraph.types[type_name].fields)


# --- one subgraph ---


@dataclass(eq=False)
class Seen:
    """An object as a subgraph was asked for it."""

    thing: Thing
    provided: SelectionSetNode | None = None
    sent: Mapping[str, Any] = field(default_factory=dict)


class SimulatedSubgraph:
    """One subgraph of *store*'s supergraph. What was asked of it wrongly is listed in *violations*."""

    def __init__(self, store: Store, name: str, violations: list[str]) -> None:
        self._store = store
        self._supergraph = store.supergraph
        self._name = name
        self._violations = violations
        self.schema = self._build_schema()

    def client(self) -> InProcessSubgraphClient:
        return InProcessSubgraphClient(self._name, self.answer)

    async def answer(self, request: SubgraphRequest) -> dict[str, Any]:
        return self.ask(request.document, request.variables)

    def ask(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        document = parse(text)
        errors = validate(self.schema, document)
        if errors:
            self._violations.append(f"{self._name} refuses {text}: {errors[0].message}")
            return {"errors": [each.formatted for each in errors]}
        result = execute_sync(
            self.schema,
            document,
            Seen(self._store.things[self._root_name(document)][0]),
            variable_values=dict(variables),
            field_resolver=self._resolve,
            type_resolver=self._resolve_type,
        )
        assert isinstance(result, ExecutionResult)
        return dict(result.formatted)

    def _root_name(self, document: DocumentNode) -> str:
        (operation,) = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        return self._supergraph.root_types[operation.operation.value]

    def _resolve(self, seen: Seen, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        name = info.field_name
        if name == "_entities":
            return [self._entity(each) for each in arguments["representations"]]
        definition = self._supergraph.types[info.parent_type.name]
        each = definition.fields[name]
        promised = _find(seen.provided, name)
        join = each.join_in(self._name)
        if promised is None:
            self._check(definition, each, join, seen)
        value = self._store.value(seen.thing, name, arguments)
        provides = promised.selection_set if promised else None
        if join and join.provides:
            provides = _selections(join.provides)
        return self._see(value, provides)

    def _check(self, definition: TypeDefinition, each: Field, join: JoinField | None, seen: Seen) -> None:
        coordinate = f"{definition.name}.{each.name}"
        if not resolves(definition, each, self._name):
            self._violations.append(f"{self._name} was asked for {coordinate}, which it does not resolve")
        if join and join.requires:
            required = self._read(seen.thing, _selections(join.requires))
            if not _holds(required, seen.sent):
                self._violations.append(
                    f"{self._name} was asked for {coordinate} with {seen.sent}, but it requires {required}"
                )

    def _see(self, value: Any, provided: SelectionSetNode | None) -> Any:
        if isinstance(value, list):
            return [self._see(item, provided) for item in value]
        return Seen(value, provided) if isinstance(value, Thing) else value

    def _resolve_type(self, seen: Seen, *_: Any) -> str:
        name = seen.thing.type_name
        if name in self.schema.type_map:
            return name
        # Only an @interfaceObject is known of it.
        return next(
            each.name
            for each in self._supergraph.types.values()
            if each.is_interface_object_in(self._name) and name in self._supergraph.possible(each.name)
        )

    def _entity(self, sent: Mapping[str, Any]) -> Seen | None:
        type_name = sent["__typename"]
        definition = self._supergraph.types[type_name]
        keys = [join.key for join in definition.joins if join.subgraph == self._name and join.key and join.resolvable]
        for key in keys:
            for possible in sorted(self._supergraph.possible(type_name)):
                for thing in self._store.things[possible]:
                    if _holds(self._read(thing, _selections(key)), sent):
                        return Seen(thing, sent=sent)
        self._violations.append(f"{self._name} has no key for {dict(sent)} among {keys}")
        return None

    def _read(self, thing: Thing | None, selections: SelectionSetNode) -> dict[str, Any] | None:
        """The members of *thing* as a representation holds them."""
        if thing is None:
            return None
        found: dict[str, Any] = {}
        for node in selections.selections:
            if isinstance(node, InlineFragmentNode):
                assert node.type_condition
                if thing.type_name in self._supergraph.possible(node.type_condition.name.value):
                    found |= self._read(thing, node.selection_set) or {}
            elif isinstance(node, FieldNode) and node.name.value != "__typename":
                arguments = {a.name.value: a.value.to_dict().get("value") for a in node.arguments or ()}
                arguments = {name: int(value) if str(value).isdigit() else value for name, value in arguments.items()}
                value = self._store.value(thing, node.name.value, arguments)
                found[node.name.value] = self._read_value(value, node.selection_set)
        return found

    def _read_value(self, value: Any, selections: SelectionSetNode | None) -> Any:
        if isinstance(value, list):
            return [self._read_value(item, selections) for item in value]
        return self._read(value, selections) if isinstance(value, Thing) and selections else value

    # --- its schema ---

    def _build_schema(self) -> GraphQLSchema:
        types = [each for each in self._supergraph.types.values() if each.is_in(self._name)]
        lines = [line for definition in types for line in self._type(definition)]
        for name, each in self._supergraph.public_schema.type_map.items():
            if name in self._supergraph.types or name.startswith("__"):
                continue
            if is_enum_type(each):
                lines.append(f"enum {name} {{ {' '.join(each.values)} }}")
            elif hasattr(each, "fields"):
                fields = " ".join(f"{field_name}: {value.type}" for field_name, value in each.fields.items())
                lines.append(f"input {name} {{ {fields} }}")
            elif name not in {"Int", "Float", "String", "Boolean", "ID"}:
                lines.append(f"scalar {name}")
        entities = sorted({each.name for each in types if self._is_entity(each)})
        if entities:
            lines += ["scalar _Any", f"union _Entity = {' | '.join(self._as_objects(entities))}"]
            lines.append("extend type Query { _entities(representations: [_Any!]!): [_Entity]! }")
        return build_schema("\n".join(lines), assume_valid_sdl=True)

    def _is_entity(self, definition: TypeDefinition) -> bool:
        return any(join.subgraph == self._name and join.key for join in definition.joins)

    def _as_objects(self, names: list[str]) -> list[str]:
        found: set[str] = set()
        for name in names:
            definition = self._supergraph.types[name]
            is_object = definition.kind == "object" or definition.is_interface_object_in(self._name)
            found |= {name} if is_object else known_types(self._supergraph, name, self._name)
        return sorted(found)

    def _type(self, definition: TypeDefinition) -> Iterator[str]:
        if definition.kind == "union":
            yield f"union {definition.name} = {' | '.join(sorted(definition.members[self._name]))}"
            return
        is_object = definition.kind == "object" or definition.is_interface_object_in(self._name)
        interfaces = sorted(definition.implements.get(self._name, ()))
        fields = [self._field(each) for each in definition.fields.values() if definition.has_field_in(each, self._name)]
        if definition.name == "Query" and not fields:
            fields = ["_nothing: String"]
        if fields:
            implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
            yield f"{'type' if is_object else 'interface'} {definition.name}{implements} {{"
            yield from fields
            yield "}"

    def _field(self, each: Field) -> str:
        join = each.join_in(self._name)
        declared = (join.type if join else None) or each.type
        arguments = ", ".join(f"{name}: {reference.text}" for name, reference in each.arguments.items())
        return f"  {each.name}{f'({arguments})' if arguments else ''}: {declared.text}"


def answer_plainly(store: Store, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What a single server with all the data answers."""

    def resolve(thing: Thing, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        return store.value(thing, info.field_name, arguments)

    document = parse(query)
    operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    result = execute_sync(
        store.supergraph.public_schema,
        document,
        store.things[store.supergraph.root_types[operation.operation.value]][0],
        variable_values=dict(variables),
        field_resolver=resolve,
        type_resolver=lambda thing, *_: thing.type_name,
    )
    assert isinstance(result, ExecutionResult)
    return dict(result.formatted)


def _selections(text: str) -> SelectionSetNode:
    (operation,) = parse("{" + text + "}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.selection_set


def _find(selections: SelectionSetNode | None, name: str) -> FieldNode | None:
    """The selection of a field in what was provided, whatever the type."""
    for node in selections.selections if selections else ():
        if isinstance(node, InlineFragmentNode):
            found = _find(node.selection_set, name)
            if found:
                return found
        elif isinstance(node, FieldNode) and node.name.value == name:
            return node
    return None


def _holds(expected: Any, sent: Any) -> bool:
    """Whether *sent* has everything that is *expected*; it may have more."""
    if isinstance(expected, dict):
        return isinstance(sent, Mapping) and all(
            name in sent and _holds(value, sent[name]) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(sent, list)
            and len(expected) == len(sent)
            and all(_holds(a, b) for a, b in zip(expected, sent, strict=True))
        )
    return bool(expected == sent)
