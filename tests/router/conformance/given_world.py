"""
A world that a case file describes: its supergraph as text, its objects as JSON.

    {"Query": {"me": "User u1"}, "User u1": {"id": "u1", "name": "Ada", "friends": ["User u2", null]}}

A value that stands where the schema wants an object is another object's label. Besides plain values there are

    {"error": "no price today"}            the resolver fails, or in a list the item
    {"by": {"1": "a", "3": "b"}}           the value depends on the field's only argument
    {"from": "{price} and {weight}"}       the value is computed from what the field requires
    {"mutations": true}                    the value is the number of mutations that ran

and an object with `"missing": ["stock"]` is unknown to that subgraph, which gives null for it; with `"failing"`, null
and an error. `"failing": ["stock.price"]` fails that field in that subgraph alone; a subgraph that fails at `Query`
answers nothing at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

from tests.router.differential.store import Store, Thing
from tests.router.differential.trouble import Trouble
from tests.router.differential.world import Field
from trevo.clients.subgraph_client import SubgraphRequest

Objects = Mapping[str, Mapping[str, Any]]


@dataclass
class GivenStore(Store):
    """A store of the objects that a case file lists."""

    objects: Objects = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label, members in self.objects.items():
            type_name = label.split()[0]
            thing = Thing(type_name, label, frozenset(members.get("missing", ())))
            self.entities.setdefault(type_name, []).append(thing)
            # By the name of its interface it is known where only that exists.
            for definition in self.world.types.values():
                if definition.kind == "interface" and type_name in self.world.possible(definition.name):
                    self.entities.setdefault(definition.name, []).append(thing)

    def computed(
        self, thing: Thing, each: Field, arguments: Mapping[str, Any], required: Mapping[str, Any] | None
    ) -> Any:
        value = self.objects[thing.label or thing.type_name][each.name]
        if isinstance(value, dict) and "by" in value:
            value = value["by"][str(next(iter(arguments.values()), None))]
        if isinstance(value, dict) and "error" in value:
            raise GraphQLError(value["error"])
        if isinstance(value, dict) and "mutations" in value:
            return self.mutations
        if isinstance(value, dict) and "from" in value:
            return value["from"].format(**(required or {}))
        return self._found(value, is_object=each.named_type in self.world.types)

    def _found(self, value: Any, *, is_object: bool) -> Any:
        if isinstance(value, list):
            return [self._found(item, is_object=is_object) for item in value]
        if isinstance(value, dict) and "error" in value:
            return GraphQLError(value["error"])
        if value is None or not is_object:
            return value
        return next(thing for thing in self.entities[value.split()[0]] if thing.label == value)


@dataclass(frozen=True)
class GivenTrouble(Trouble):
    """What a case file says fails in one subgraph only."""

    objects: Objects = field(default_factory=dict)

    def with_request(self, subgraph: str, request: SubgraphRequest) -> bool:  # noqa: ARG002
        return subgraph in self.objects["Query"].get("failing", ())

    def with_entity(self, subgraph: str, label: str) -> bool:
        return subgraph in self.objects[label].get("failing", ())

    def with_field(self, subgraph: str, label: str, field_name: str) -> bool:
        return f"{subgraph}.{field_name}" in self.objects.get(label, {}).get("failing", ())
