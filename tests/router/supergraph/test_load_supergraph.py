"""What is read from a supergraph file, what clients see of it, and which files are refused."""

import pytest
from graphql import GraphQLObjectType, print_schema

from trevo.supergraph import SupergraphError, load_supergraph
from trevo.supergraph.cache_tags import CacheTag

LINKS = """
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/tag/v0.3", import: ["@tag", {name: "@note", as: "@remark"}])
"""
GRAPHS = """
enum join__Graph {
  LAND @join__graph(name: "land", url: "http://land/graphql")
  CREDIT @join__graph(name: "credit", url: "http://credit/graphql")
}
"""
BODY = """
directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT
directive @tag(name: String!) repeatable on OBJECT
directive @remark(text: String!) on OBJECT
directive @slow on FIELD
scalar join__FieldSet
enum link__Purpose { SECURITY EXECUTION }

type Query @join__type(graph: LAND) @join__type(graph: CREDIT) {
  "All farms."
  farms(near: String, only: Kind, secret: Int @inaccessible): [Farm!]! @join__field(graph: LAND)
  hidden: Hidden @join__field(graph: LAND)
}
interface Place @join__type(graph: LAND) { id: ID! }
type Farm implements Place
  @join__implements(graph: LAND, interface: "Place")
  @join__type(graph: LAND, key: "id")
  @join__type(graph: CREDIT, key: "id", resolvable: false)
  @join__type(graph: CREDIT, key: "owner { id }")
  @tag(name: "core") @remark(text: "x")
{
  id: ID!
  area: Float @join__field(graph: LAND, type: "Float!") @join__field(graph: CREDIT, external: true)
  score: Int @join__field(graph: CREDIT, requires: "area")
  margin: Int @join__field(graph: CREDIT) @inaccessible
  owner: Farm @join__field(graph: CREDIT) @inaccessible
  name: String @join__field(graph: CREDIT, override: "land", overrideLabel: "percent(5)")
}
type Hidden implements Place
  @inaccessible
  @join__implements(graph: LAND, interface: "Place")
  @join__type(graph: LAND)
{ id: ID! }
union Any
  @join__type(graph: LAND)
  @join__unionMember(graph: LAND, member: "Farm")
  @join__unionMember(graph: LAND, member: "Hidden")
= Farm | Hidden
enum Kind @join__type(graph: LAND) { COFFEE SOY POPPY @inaccessible }
input Filter @join__type(graph: LAND) { kind: Kind depth: Int @inaccessible }
"""


def a_supergraph(*, links: str = LINKS, graphs: str = GRAPHS, body: str = BODY) -> str:
    return f"schema {links} {{ query: Query }}\n{graphs}\n{body}"


_CONTEXT = '@link(url: "https://specs.apollo.dev/context/v0.1", as: "sets", for: SECURITY)'


def _taking(context: str, selection: str) -> str:
    taken = f'contextArguments: [{{context: "{context}", name: "a", type: "ID!", selection: " {selection}"}}]'
    body = BODY.replace('requires: "area"', taken)
    return body.replace(
        "@inaccessible\n  @join__implements", '@sets(name: "credit__own") @inaccessible @join__implements'
    )


def test_contexts_are_known_with_the_types_that_set_them_and_the_arguments_that_take_them() -> None:
    text = a_supergraph(links=f"{LINKS} {_CONTEXT}", body=_taking("credit__own", "{ id }"))
    text = text.replace("union Any", 'union Any @sets(name: "credit__own")')
    supergraph = load_supergraph(text)
    assert supergraph.contexts == {"credit__own": {"Farm", "Hidden"}}
    join = supergraph.types["Farm"].fields["score"].join_in("credit")
    assert join is not None
    assert [(a.name, a.type.text, a.context, a.selection) for a in join.contexts] == [("a", "ID!", "credit__own", "id")]
    assert "sets" not in print_schema(supergraph.public_schema)


def test_cache_tags_are_kept_with_the_subgraph_that_gives_them() -> None:
    tag = '@join__directive(graphs: [LAND], name: "federation__cacheTag", args: {format: "%s"})'
    body = BODY.replace("  id: ID!\n  area", f"  id: ID! {tag % 'farm-{$key.id}'}\n  area")
    text = a_supergraph(
        links=f'{LINKS} @link(url: "https://specs.apollo.dev/cacheTag/v0.1", for: EXECUTION)',
        body=body.replace("type Farm implements Place", f"type Farm implements Place {tag % 'farms'}"),
    )
    supergraph = load_supergraph(text)
    assert supergraph.cache_tags == {
        "Farm": (CacheTag("land", "farms"),),
        "Farm.id": (CacheTag("land", "farm-{$key.id}"),),
    }


def test_subgraphs_go_by_their_names() -> None:
    supergraph = load_supergraph(a_supergraph())
    assert dict(supergraph.subgraphs) == {"land": "http://land/graphql", "credit": "http://credit/graphql"}
    assert dict(supergraph.root_types) == {"query": "Query"}


def test_a_type_knows_its_keys_in_each_subgraph() -> None:
    joins = load_supergraph(a_supergraph()).types["Farm"].joins
    assert [(join.subgraph, join.key, join.resolvable) for join in joins] == [
        ("land", "id", True),
        ("credit", "id", False),
        ("credit", "owner { id }", True),
    ]


def test_a_field_knows_what_each_subgraph_says_of_it() -> None:
    fields = load_supergraph(a_supergraph()).types["Farm"].fields
    land = fields["area"].join_in("land")
    credit = fields["area"].join_in("credit")
    assert land is not None
    assert credit is not None
    assert (land.type and land.type.text, land.external, credit.external) == ("Float!", False, True)
    assert [join.requires for join in fields["score"].joins] == ["area"]
    assert fields["id"].joins == ()


def test_what_an_interface_object_requires_is_external_also_where_nobody_says_so() -> None:
    body = """
    type Query @join__type(graph: LAND) @join__type(graph: CREDIT) {
      best: Asset @join__field(graph: CREDIT, provides: "name")
    }
    type Farm implements Asset
      @join__type(graph: LAND, key: "id") @join__implements(graph: LAND, interface: "Asset")
    { id: ID! area: Float name: String note: String score: Int @join__field }
    interface Asset @join__type(graph: LAND, key: "id") @join__type(graph: CREDIT, key: "id", isInterfaceObject: true) {
      id: ID!
      area: Float
      name: String
      note: String
      score: Int @join__field(graph: CREDIT, requires: "area")
    }
    """
    fields = load_supergraph(a_supergraph(body=body)).types["Asset"].fields
    said = {name: [(join.subgraph, join.external) for join in each.joins] for name, each in fields.items()}
    assert said == {
        "id": [],
        "area": [("land", False), ("credit", True)],
        "name": [("land", False), ("credit", True)],
        "note": [],
        "score": [("credit", False)],
    }


def test_override_labels_are_collected() -> None:
    assert load_supergraph(a_supergraph()).override_labels == {"percent(5)"}


def test_possible_types_hold_the_hidden_ones_too() -> None:
    supergraph = load_supergraph(a_supergraph())
    assert supergraph.possible("Place") == {"Farm", "Hidden"}
    assert supergraph.possible("Any") == {"Farm", "Hidden"}
    assert supergraph.possible("Farm") == {"Farm"}


def test_clients_see_neither_machinery_nor_hidden_parts() -> None:
    assert (
        print_schema(load_supergraph(a_supergraph()).public_schema)
        == '''directive @slow on FIELD

type Query {
  """All farms."""
  farms(near: String, only: Kind): [Farm!]!
}

interface Place {
  id: ID!
}

type Farm implements Place {
  id: ID!
  area: Float
  score: Int
  name: String
}

union Any = Farm

enum Kind {
  COFFEE
  SOY
}

input Filter {
  kind: Kind
}'''
    )


def test_other_directives_stay_on_the_syntax_nodes() -> None:
    farm = load_supergraph(a_supergraph()).public_schema.type_map["Farm"]
    assert isinstance(farm, GraphQLObjectType)
    assert farm.ast_node
    assert [each.name.value for each in farm.ast_node.directives or ()] == ["tag", "remark"]


def test_join_0_2_gives_members_and_interfaces_to_all() -> None:
    body = """
    type Query @join__type(graph: LAND) { any: Any }
    interface Place @join__type(graph: LAND) @join__type(graph: CREDIT) { id: ID! }
    type Farm implements Place @join__type(graph: LAND) @join__type(graph: CREDIT) { id: ID! }
    union Any @join__type(graph: CREDIT) = Farm
    """
    types = load_supergraph(a_supergraph(links=LINKS.replace("join/v0.5", "join/v0.2"), body=body)).types
    assert dict(types["Farm"].implements) == {"land": {"Place"}, "credit": {"Place"}}
    assert dict(types["Any"].members) == {"credit": {"Farm"}}


def test_an_unknown_feature_without_purpose_is_ignored() -> None:
    links = LINKS + '@link(url: "https://example.com/shiny/v9.0")'
    assert "land" in load_supergraph(a_supergraph(links=links)).subgraphs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            a_supergraph(links=LINKS + '@link(url: "https://example.com/guard/v1.0", for: SECURITY)'),
            "The supergraph uses https://example.com/guard/v1.0 for SECURITY, which this router does not know. "
            "Take the feature out of the subgraphs, or use a router that has it.",
            id="unknown feature for SECURITY",
        ),
        pytest.param(
            a_supergraph(links=LINKS.replace("join/v0.5", "join/v0.9")),
            "The supergraph uses https://specs.apollo.dev/join/v0.9; this router knows join in version "
            "0.2, 0.3, 0.4, 0.5.",
            id="newer join",
        ),
        pytest.param(
            a_supergraph(links='@core(feature: "https://specs.apollo.dev/join/v0.1")'),
            "This supergraph was composed by Federation 1 (`@core`). Compose it with Federation 2; "
            "Federation 1 subgraphs may stay as they are.",
            id="federation 1",
        ),
        pytest.param(
            "type Query { a: Int }",
            "The schema has no `@link`, so this is not a supergraph of Federation 2.",
            id="a plain schema",
        ),
        pytest.param(
            a_supergraph(graphs=""),
            "There is no `enum join__Graph`, so this is not a supergraph of Federation 2. "
            "Compose the subgraphs' schemas first.",
            id="no subgraphs",
        ),
        pytest.param(
            a_supergraph(graphs="enum join__Graph { LAND }"),
            "`join__Graph.LAND` has no `@join__graph` with a name and a URL.",
            id="a subgraph without a name",
        ),
        pytest.param(
            a_supergraph(graphs=GRAPHS.replace('"credit"', '"land"')),
            "Two subgraphs are called land.",
            id="one name twice",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace("graph: CREDIT, requires", "graph: CREDITS, requires")),
            "Farm.score speaks of the subgraph CREDITS, which `join__Graph` does not list.",
            id="an unlisted subgraph",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace('requires: "area"', 'contextArguments: [{name: "a"}]')),
            "Farm.score has a context argument without a name, a type, a context or a selection.",
            id="a context argument that says too little",
        ),
        pytest.param(
            a_supergraph(links=f'{LINKS} @link(url: "https://specs.apollo.dev/connect/v0.3", for: EXECUTION)'),
            "The supergraph has connectors (`@connect`), whose fields no GraphQL server resolves. This router asks "
            "GraphQL servers only: put one before what the connectors call, or use a router that has them.",
            id="connectors",
        ),
        pytest.param(
            a_supergraph(body=_taking("lost", "{ id }")),
            "The argument Farm.score(a:) takes the context lost, which no type sets.",
            id="a context that nobody sets",
        ),
        pytest.param(
            a_supergraph(links=f"{LINKS} {_CONTEXT}", body=_taking("credit__own", "{ lost }")),
            "The argument Farm.score(a:) has the field set lost, but Hidden has no field lost.",
            id="a context that does not have what is taken from it",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace("type Query", "type Query @inaccessible")),
            "The supergraph has no query type that clients may see.",
            id="nothing to ask",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace("type Query", "type Queries")),
            "The schema names Query as a root type, but does not define it.",
            id="no query type",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace('key: "owner { id }"', 'key: "id {"')),
            "The type Farm has a field set that cannot be read: id {",
            id="a key that is no selection",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace('key: "owner { id }"', 'key: "id } fragment F on Farm { id"')),
            "The type Farm has a field set that cannot be read: id } fragment F on Farm { id",
            id="a key that is more than a selection",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace('requires: "area"', 'requires: "area { unit }"')),
            "The field Farm.score has the field set area { unit }, but Float has no field unit.",
            id="a requirement of an unknown field",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace('requires: "area"', 'provides: "... on Field { id }"')),
            "The field Farm.score has the field set ... on Field { id }, but there is no type Field.",
            id="a provided field of an unknown type",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace('requires: "area"', 'requires: "...F"')),
            "The field Farm.score has the field set ...F, which spreads a fragment that nobody defines.",
            id="a spread in a requirement",
        ),
        pytest.param(
            a_supergraph(body=BODY.replace('type: "Float!"', 'type: "[Float"')),
            "Farm.area has a type that cannot be read: [Float",
            id="a type that is none",
        ),
        pytest.param(
            "type {", "The supergraph is not valid GraphQL: Syntax Error: Expected Name, found '{'.", id="syntax"
        ),
        pytest.param(
            a_supergraph(body=BODY.replace("hidden: Hidden", "lost: Missing")),
            "The supergraph is not a whole schema: Query fields cannot be resolved. Unknown type: 'Missing'.",
            id="a missing type",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(text: str, message: str) -> None:
    with pytest.raises(SupergraphError) as refusal:
        load_supergraph(text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("link", "cost", "list_size"),
    [
        ('import: ["@cost", "@listSize"]', "cost", "listSize"),
        (
            'import: [{name: "@cost", as: "@federation__cost"}, {name: "@listSize", as: "@size"}]',
            "federation__cost",
            "size",
        ),
        ("", "cost", "cost__listSize"),
        ('as: "price"', "price", "price__listSize"),
    ],
)
def test_the_rules_of_cost_are_read_under_whatever_names_the_file_gives_them(
    link: str, cost: str, list_size: str
) -> None:
    body = f"{BODY} type Priced {{ all: [Int] @{cost}(weight: 7) @{list_size}(assumedSize: 3) }}"
    links = LINKS + f'@link(url: "https://specs.apollo.dev/cost/v0.1" {link})'
    supergraph = load_supergraph(a_supergraph(links=links, body=body))
    assert dict(supergraph.cost_rules.weights) == {"Priced.all": 7.0}
    assert supergraph.cost_rules.list_sizes["Priced.all"].assumed_size == 3


def test_a_file_without_the_feature_has_no_rules_of_cost() -> None:
    assert dict(load_supergraph(a_supergraph()).cost_rules.weights) == {}
