"""
A world in three kinds of text: one subgraph's schema, the supergraph, and one plain schema without subgraphs.

The supergraph is written as the composer writes it (`test_written_supergraphs.py` compares the two), because calling
the composer for thousands of worlds would take hours.
"""

from collections.abc import Iterator

from tests.router.differential.add_contexts import sets
from tests.router.differential.world import ROOTS, Field, Home, Type, World

_FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@requires", "@provides", '
    '"@context", "@fromContext", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject"])'
)
_SUPERGRAPH_HEAD = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)
{ %s }
directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ENUM_VALUE | ARGUMENT_DEFINITION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(
  graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean,
  override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true,
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar join__FieldSet
scalar join__FieldValue
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
"""


def write_plain_schema(world: World) -> str:
    """What clients see, as if there were no subgraphs."""
    lines = [
        f"enum {each.name} {{ {' '.join(value for value in each.values if value not in each.hidden)} }}"
        for each in world.enums.values()
    ]
    lines += ["scalar Json", *(_input(each.name, each.fields) for each in world.inputs.values())]
    for definition in world.types.values():
        if definition.inaccessible:
            continue
        if definition.kind == "union":
            members = [each for each in world.possible(definition.name) if not world.types[each].inaccessible]
            lines.append(f"union {definition.name} = {' | '.join(members)}")
            continue
        fields = [_signature(each, each.type) for each in definition.fields.values() if not each.inaccessible]
        names = sorted({name for names in definition.implements.values() for name in names})
        if fields:
            lines.append(f"{_head(definition, definition.kind, names)} {{ {' '.join(fields)} }}")
    return "\n".join(lines)


def write_subgraph(world: World, subgraph: str, *, with_directives: bool = True) -> str:
    """The schema of *subgraph*: for the composer, or (without directives) to be executed."""
    lines = [_FEDERATION] if with_directives else []
    for enum in world.enums.values():
        hidden = {value: " @inaccessible" if value in enum.hidden and with_directives else "" for value in enum.values}
        lines.append(f"enum {enum.name} {{ {' '.join(f'{value}{mark}' for value, mark in hidden.items())} }}")
    lines += ["scalar Json", *(_input(each.name, each.fields) for each in world.inputs.values())]
    for definition in world.types.values():
        if subgraph in definition.subgraphs:
            lines += _subgraph_type(definition, subgraph, with_directives=with_directives)
    if not with_directives:
        lines += _entities_field(world, subgraph)
    return "\n".join(lines)


def write_supergraph(world: World) -> str:
    """The supergraph of *world*."""
    graphs = [f'{each.upper()} @join__graph(name: "{each}", url: "http://{each}.invalid")' for each in world.subgraphs]
    lines = [_SUPERGRAPH_HEAD % " ".join(f"{each.lower()}: {each}" for each in ROOTS if each in world.types)]
    lines.append(f"enum join__Graph {{ {' '.join(graphs)} }}")
    everywhere = "".join(f" @join__type(graph: {each.upper()})" for each in world.subgraphs)
    for enum in world.enums.values():
        marks = "".join(f" @join__enumValue(graph: {each.upper()})" for each in world.subgraphs)
        values = [f"{value}{marks}{' @inaccessible' if value in enum.hidden else ''}" for value in enum.values]
        lines.append(f"enum {enum.name}{everywhere} {{ {' '.join(values)} }}")
    lines.append(f"scalar Json{everywhere}")
    lines += [_input(f"{each.name}{everywhere}", each.fields) for each in world.inputs.values()]
    lines += [_supergraph_type(world, definition) for definition in world.types.values()]
    return "\n".join(lines)


# --- one subgraph ---


def _subgraph_type(definition: Type, subgraph: str, *, with_directives: bool) -> Iterator[str]:
    if definition.kind == "union":
        yield f"union {definition.name} = {' | '.join(definition.members[subgraph])}"
        return
    marks = [_key(each.fields, resolvable=each.resolvable) for each in definition.keys.get(subgraph, ())]
    marks += [f'@context(name: "{name}")' for name in sets(definition, subgraph)]
    kind = definition.kind
    if subgraph in definition.interface_object_in:
        kind = "object"
        marks.append("@interfaceObject")
    if definition.inaccessible:
        marks.append("@inaccessible")
    fields = [
        _signature(
            each,
            each.homes[subgraph].type or each.type,
            {
                **_hidden(each, with_directives=with_directives),
                **_taken(each.homes[subgraph], with_directives=with_directives),
            },
        )
        + (_field_directives(definition, each, subgraph) if with_directives else "")
        for each in definition.fields.values()
        if subgraph in each.homes
    ]
    if not fields:
        # Only a root type can be without fields.
        if not with_directives and definition.name == "Query":
            yield "type Query { _nothing: Boolean }"
        return
    head = _head(definition, kind, definition.implements.get(subgraph, []))
    yield f"{head} {' '.join(marks) if with_directives else ''} {{ {' '.join(fields)} }}"


def _key(fields: str, *, resolvable: bool) -> str:
    return f'@key(fields: "{fields}"{"" if resolvable else ", resolvable: false"})'


def _field_directives(definition: Type, each: Field, subgraph: str) -> str:
    home = each.homes[subgraph]
    marks = []
    if home.external:
        marks.append("@external")
    if home.requires:
        marks.append(f'@requires(fields: "{_escape(home.requires)}")')
    if home.provides:
        marks.append(f'@provides(fields: "{home.provides}")')
    if home.override:
        marks.append(f'@override(from: "{home.override}"{_label("label", home)})')
    others = [other for name, other in each.homes.items() if name != subgraph and not other.external]
    can_be_shared = definition.kind == "object" and definition.name not in {"Mutation", "Subscription"}
    if can_be_shared and not home.external and (others or definition.is_split):
        marks.append("@shareable")
    if each.inaccessible and not home.external:
        marks.append("@inaccessible")
    return "".join(f" {mark}" for mark in marks)


def _entities_field(world: World, subgraph: str) -> Iterator[str]:
    found: set[str] = set()
    for definition in world.types.values():
        if definition.keys.get(subgraph):
            is_object = definition.kind == "object" or subgraph in definition.interface_object_in
            found |= {definition.name} if is_object else set(definition.members.get(subgraph, ()))
    if found:
        yield f"scalar _Any union _Entity = {' | '.join(sorted(found))}"
        yield "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"


# --- the supergraph ---


def _supergraph_type(world: World, definition: Type) -> str:
    marks = []
    for each in definition.subgraphs:
        is_object = ", isInterfaceObject: true" if each in definition.interface_object_in else ""
        for key in definition.keys.get(each, []):
            resolvable = "" if key.resolvable else ", resolvable: false"
            marks.append(f'@join__type(graph: {each.upper()}, key: "{key.fields}"{resolvable}{is_object})')
        if not definition.keys.get(each):
            marks.append(f"@join__type(graph: {each.upper()}{is_object})")
    for each, names in definition.implements.items():
        marks += [f'@join__implements(graph: {each.upper()}, interface: "{name}")' for name in names]
    if definition.kind == "union":
        for each, members in definition.members.items():
            marks += [f'@join__unionMember(graph: {each.upper()}, member: "{name}")' for name in members]
        return f"union {definition.name} {' '.join(marks)} = {' | '.join(world.possible(definition.name))}"
    fields = [
        _signature(each, each.type, _hidden(each)) + _join_field(world, definition, each)
        for each in definition.fields.values()
    ]
    marks += [f'@context(name: "{name}")' for name in definition.sets]
    if definition.inaccessible:
        marks.append("@inaccessible")
    names = sorted({name for names in definition.implements.values() for name in names})
    return f"{_head(definition, definition.kind, names)} {' '.join(marks)} {{ {' '.join(fields)} }}"


def _join_field(world: World, definition: Type, each: Field) -> str:
    if not each.homes:
        return " @join__field"
    marks = []
    # Where one subgraph's type differs, each writes its own; but for root fields nobody does.
    differs = definition.name != "Query" and any(home.type for home in each.homes.values())
    for subgraph in definition.subgraphs:
        home = each.homes.get(subgraph)
        is_gone = home is not None and home.overridden and not home.label
        if home is None or (is_gone and not _is_used(world, definition, each, subgraph)):
            continue
        # Of an interface's field, only what differs.
        own_type = (home.type if definition.kind == "interface" else home.type or each.type) if differs else None
        marks.append((subgraph, _join_arguments(home, own_type)))
    text = ""
    # Of an interface's field that all subgraphs have, the composer says nothing at all.
    says_nothing = definition.kind == "interface"
    if len(marks) < len(definition.subgraphs) or (any(arguments for _, arguments in marks) and not says_nothing):
        text = "".join(f" @join__field(graph: {subgraph.upper()}{arguments})" for subgraph, arguments in marks)
    return text + (" @inaccessible" if each.inaccessible else "")


def _join_arguments(home: Home, own_type: str | None) -> str:
    text = f', type: "{own_type}"' if own_type else ""
    if home.external:
        text += ", external: true"
    if home.override:
        text += f', override: "{home.override}"'
    if home.overridden and not home.label:
        text += ", usedOverridden: true"
    text += _label("overrideLabel", home)
    if home.provides:
        text += f', provides: "{home.provides}"'
    if home.requires:
        text += f', requires: "{_escape(home.requires)}"'
    if home.taken:
        taken = (
            f'{{context: "{each.context}", name: "{name}", type: "{each.type}", selection: " {each.selection}"}}'
            for name, each in home.taken.items()
        )
        text += f", contextArguments: [{', '.join(taken)}]"
    return text


def _is_used(world: World, definition: Type, each: Field, subgraph: str) -> bool:
    """Whether the composer thinks that a subgraph still needs the field that was taken from it: an interface has it."""
    return any(
        each.name in world.types[name].fields and subgraph in world.types[name].fields[each.name].homes
        for names in definition.implements.values()
        for name in names
    )


# --- in common ---


def _head(definition: Type, kind: str, interfaces: list[str]) -> str:
    keyword = "interface" if kind == "interface" else "type"
    return f"{keyword} {definition.name}{' implements ' + ' & '.join(interfaces) if interfaces else ''}"


def _signature(each: Field, type_text: str, hidden: dict[str, str] | None = None) -> str:
    arguments = ", ".join(f"{name}: {text}" for name, text in {**each.arguments, **(hidden or {})}.items())
    return f"{each.name}{f'({arguments})' if arguments else ''}: {type_text}"


def _hidden(each: Field, *, with_directives: bool = True) -> dict[str, str]:
    mark = " @inaccessible" if with_directives else ""
    return {name: f"{text}{mark}" for name, text in each.hidden_arguments.items()}


def _taken(home: Home, *, with_directives: bool) -> dict[str, str]:
    return {
        name: f'{each.type} @fromContext(field: "${each.context.partition("__")[2]} {each.selection}")'
        if with_directives
        else each.type
        for name, each in home.taken.items()
    }


def _label(argument: str, home: Home) -> str:
    return f', {argument}: "{home.label}"' if home.label else ""


def _input(head: str, fields: dict[str, str]) -> str:
    return f"input {head} {{ {' '.join(f'{name}: {text}' for name, text in fields.items())} }}"


def _escape(text: str) -> str:
    return text.replace('"', '\\"')
