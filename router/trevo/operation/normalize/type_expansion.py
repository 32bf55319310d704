"""
Which fields of an interface cannot be asked for on the interface itself.

A subgraph answers `Node.name` for every object it returns, whether or not it owns `name` on that object's type. So a
field is asked for type by type (`... on Book { name } ... on Film { name }`) where

- some implementation does not have it, does not own it everywhere (`@external`), had it moved (`@override`), or needs
  other fields or objects above for it (`@requires`, `@fromContext`), or
- several subgraphs have the interface, and some of them do not have the field on it: then the object may come from
  one of those, and only its own type says where to go on; or
- a subgraph may declare the interface's field with a narrower type, of which composition says nothing.

    interface Asset { place: Place }                               a
    type Farm implements Asset @key(fields: "id") { place: Place } a, b
    type Place { region: String                                    a, b
                 biome: String }                                      b

Here `Asset.place` can be asked as it is, and `{ asset { place { region } } }` is one request. But nobody can be asked
for the `biome` of the place that a found: it is b's place of the farm that has it, and only a farm can be asked of b.
So a field that leads to an object, and that several subgraphs resolve for some implementation, is asked type by type
where what is selected below cannot be had otherwise.

A field that an `@interfaceObject` contributes is not expanded, for it is the interface's own; but what it contributes
to an interface is not an extending interface's own, and is asked for type by type.
"""

from enum import Enum

from trevo.supergraph import Field, Supergraph, TypeDefinition


class ByType(Enum):
    """When to ask for an interface's field type by type."""

    ALWAYS = "always"
    FOR_MORE = "where more is selected below than the interface's own field leads to"


def when_by_type(supergraph: Supergraph, interface: TypeDefinition, field_name: str) -> ByType | None:
    """When *field_name* on *interface* is to be asked for type by type; None: never."""
    if interface.kind != "interface":
        return None
    if _needs_expansion(supergraph, interface, field_name):
        return ByType.ALWAYS
    return ByType.FOR_MORE if _may_lead_elsewhere(supergraph, interface, field_name) else None


def _needs_expansion(supergraph: Supergraph, interface: TypeDefinition, field_name: str) -> bool:
    if any(
        _is_not_plain(supergraph, supergraph.types[name], field_name)
        for name in supergraph.possible(interface.name)
        if name in supergraph.types
    ):
        return True
    field = interface.fields.get(field_name)
    if field is None:
        return False
    having = [each for each in interface.subgraphs if interface.has_field_in(field, each)]
    if not all(supergraph.has_composed_type(interface, field, each) for each in having):
        return True
    if not field.joins:
        return False
    if all(join.subgraph is None for join in field.joins):
        return True
    owners = {join.subgraph for join in field.joins if join.subgraph and not join.external}
    if not owners or any(interface.is_interface_object_in(owner) for owner in owners):
        return False
    declared = {join.subgraph for join in interface.joins if not join.is_interface_object}
    return len(declared) > 1 and len(owners) < len(declared)


def _is_not_plain(supergraph: Supergraph, implementation: TypeDefinition, field_name: str) -> bool:
    field: Field | None = implementation.fields.get(field_name)
    return field is None or any(
        join.external or join.requires or join.contexts or join.override in supergraph.subgraphs for join in field.joins
    )


def _may_lead_elsewhere(supergraph: Supergraph, interface: TypeDefinition, field_name: str) -> bool:
    """Whether *field_name* leads to an object, and some implementation's own such field leads there from elsewhere."""
    for name in supergraph.possible(interface.name):
        implementation = supergraph.types[name]
        field = implementation.fields.get(field_name)
        if field is not None and field.type.name in supergraph.types:
            subgraphs = [join.subgraph for join in field.joins if join.subgraph] or implementation.subgraphs
            if len(subgraphs) > 1:
                return True
    return False
