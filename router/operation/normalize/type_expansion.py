"""
Which fields of an interface cannot be asked for on the interface itself.

A subgraph answers `Node.name` for every object it returns, whether or not it owns `name` on that object's type. So a
field is asked for type by type (`... on Book { name } ... on Film { name }`) where

- some implementation does not have it, does not own it everywhere (`@external`), had it moved (`@override`), or needs
  other fields for it (`@requires`), or
- several subgraphs have the interface, and some of them do not have the field on it: then the object may come from
  one of those, and only its own type says where to go on; or
- a subgraph may declare the interface's field with a narrower type, of which composition says nothing.

A field that an `@interfaceObject` contributes is not expanded, for it is the interface's own; but what it contributes
to an interface is not an extending interface's own, and is asked for type by type.
"""

from router.supergraph import Field, Supergraph, TypeDefinition


def needs_expansion(supergraph: Supergraph, interface: TypeDefinition, field_name: str) -> bool:
    """Whether *field_name* on *interface* has to be asked for type by type."""
    if interface.kind != "interface":
        return False
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
    if not all(has_composed_type(supergraph, interface, field, each) for each in having):
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


def has_composed_type(supergraph: Supergraph, interface: TypeDefinition, field: Field, subgraph: str) -> bool:
    """
    Whether *subgraph* declares *field* on *interface* with the type that the supergraph gives it, or one it names.

    Some composers leave the type of an interface's field out where it differs. Then it can be told from the types that
    implement the interface there: if each of them narrows the field, the interface may narrow it too.
    """
    join = field.join_in(subgraph)
    type_name = field.type.name
    if (join and join.type) or type_name not in supergraph.types or len(interface.subgraphs) == 1:
        return True
    if not supergraph.types[type_name].is_in(subgraph):
        return False
    own = {
        (own_join.type if own_join and own_join.type else own_field.type).name
        for name in supergraph.possible(interface.name)
        if interface.name in supergraph.types[name].implements.get(subgraph, ())
        and (own_field := supergraph.types[name].fields.get(field.name))
        for own_join in (own_field.join_in(subgraph),)
    }
    return not own or type_name in own


def _is_not_plain(supergraph: Supergraph, implementation: TypeDefinition, field_name: str) -> bool:
    field: Field | None = implementation.fields.get(field_name)
    return field is None or any(
        join.external or join.requires or join.override in supergraph.subgraphs for join in field.joins
    )
