"""The moves that a supergraph's graph has."""

from trevo.graph import Node, QueryGraph
from trevo.supergraph import load_supergraph

SUPERGRAPH = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
{ query: Query }
enum join__Graph {
  SHOP @join__graph(name: "shop", url: "")
  STOCK @join__graph(name: "stock", url: "")
  STARS @join__graph(name: "stars", url: "")
}
type Query @join__type(graph: SHOP) @join__type(graph: STOCK) @join__type(graph: STARS) {
  items: [[Item!]]! @join__field(graph: SHOP)
  found: Found @join__field(graph: SHOP) @join__field(graph: STOCK, type: "Book")
  newest: Book @join__field(graph: STOCK, provides: "title author { name }")
}
interface Item
  @join__type(graph: SHOP, key: "id")
  @join__type(graph: STARS, key: "id", isInterfaceObject: true)
{
  id: ID!
  title: String @join__field(graph: SHOP)
  stars: Int @join__field(graph: STARS)
}
type Book implements Item
  @join__implements(graph: SHOP, interface: "Item")
  @join__type(graph: SHOP, key: "id")
  @join__type(graph: STOCK, key: "id")
  @join__type(graph: STOCK, key: "isbn", resolvable: false)
{
  id: ID!
  isbn: String @join__field(graph: STOCK)
  title: String @join__field(graph: SHOP) @join__field(graph: STOCK, external: true)
  pages: Int @join__field(graph: SHOP) @join__field(graph: STOCK, override: "shop", overrideLabel: "moving")
  copies: Int @join__field(graph: STOCK, requires: "title")
  author: Author @join__field(graph: SHOP) @join__field(graph: STOCK)
  stars: Int @join__field
}
type Tape implements Item @join__implements(graph: SHOP, interface: "Item") @join__type(graph: SHOP, key: "id") {
  id: ID!
  title: String
  stars: Int @join__field
}
type Author @join__type(graph: SHOP) @join__type(graph: STOCK) {
  name: String @join__field(graph: SHOP) @join__field(graph: STOCK, external: true)
}
union Found
  @join__type(graph: SHOP)
  @join__unionMember(graph: SHOP, member: "Book")
  @join__unionMember(graph: SHOP, member: "Tape")
= Book | Tape
"""

GRAPH = QueryGraph(load_supergraph(SUPERGRAPH))


def fields(node: Node) -> list[str]:
    return [str(move) for name, move in GRAPH.fields(node).items() if name != "__typename"]


def test_a_field_leads_on_in_its_subgraph() -> None:
    assert fields(GRAPH.node("Query", "shop")) == ["Query(shop) ─items→ Item(shop)", "Query(shop) ─found→ Found(shop)"]
    assert GRAPH.fields(GRAPH.node("Query", "shop"))["items"].list_depth == 2


def test_a_field_narrowed_in_one_subgraph_leads_to_the_narrower_type() -> None:
    found = GRAPH.field(GRAPH.node("Query", "stock"), "found")
    assert str(found) == "Query(stock) ─found→ Book(stock)"


def test_external_fields_are_no_moves_and_required_ones_are_named() -> None:
    assert fields(GRAPH.node("Book", "stock")) == [
        "Book(stock) ─id→ ID!",
        "Book(stock) ─isbn→ String",
        "Book(stock) ─copies, requires { title }→ Int",
        "Book(stock) ─author→ Author(stock)",
    ]


def test_what_is_provided_can_be_read_on_that_path_only() -> None:
    newest = GRAPH.field(GRAPH.node("Query", "stock"), "newest")
    assert newest is not None
    assert newest.target is not None
    assert str(newest.target) == "Book(stock) providing { title author { name } }"
    assert "Book(stock) providing { title author { name } } ─title→ String" in fields(newest.target)
    author = GRAPH.field(newest.target, "author")
    assert author is not None
    assert author.target is not None
    assert fields(author.target) == ["Author(stock) providing { name } ─name→ String"]
    assert fields(GRAPH.node("Author", "stock")) == []


def test_a_progressive_override_moves_with_its_label() -> None:
    moved = QueryGraph(load_supergraph(SUPERGRAPH), frozenset({"moving"}))
    assert GRAPH.owners("Book", "pages") == {"shop"}
    assert moved.owners("Book", "pages") == {"stock"}
    assert moved.field(moved.node("Book", "shop"), "pages") is None


def test_only_resolvable_keys_are_entrances() -> None:
    assert [str(entrance) for entrance in GRAPH.entrances("Book")] == [
        "─key { id }→ Book(shop)",
        "─key { id }→ Book(stock)",
        "─key { id }→ Item(stars)",
    ]


def test_an_interface_object_is_entered_by_the_name_of_the_interface() -> None:
    assert [(str(entrance.target), entrance.typename) for entrance in GRAPH.entrances("Tape")] == [
        ("Tape(shop)", "Tape"),
        ("Item(stars)", "Item"),
    ]


def test_an_interface_object_knows_neither_type_names_nor_types() -> None:
    node = GRAPH.node("Item", "stars")
    assert node.kind == "interface object"
    assert list(GRAPH.fields(node)) == ["id", "stars"]
    assert GRAPH.casts(node) == {}


def test_an_abstract_type_is_cast_to_what_the_subgraph_knows() -> None:
    assert [str(cast) for cast in GRAPH.casts(GRAPH.node("Item", "shop")).values()] == ["Book(shop)", "Tape(shop)"]
    assert GRAPH.casts(GRAPH.node("Found", "shop")).keys() == {"Book", "Tape"}
    assert str(GRAPH.abstract_cast(GRAPH.node("Found", "shop"), "Item")) == "Item(shop)"
    assert GRAPH.abstract_cast(GRAPH.node("Book", "shop"), "Item") is None


def test_an_interface_field_is_asked_as_it_is_where_every_type_has_it() -> None:
    item = GRAPH.node("Item", "shop")
    assert GRAPH.resolves_for_all(item, "title")
    assert not GRAPH.resolves_for_all(item, "stars")


def test_root_types_are_entered_without_a_key() -> None:
    assert [str(entrance) for entrance in GRAPH.entrances("Query")] == [
        "─ask anew→ Query(shop)",
        "─ask anew→ Query(stock)",
    ]
    assert GRAPH.fields(GRAPH.start("Query")) == {}
