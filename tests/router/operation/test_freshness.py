"""For how long the answer to an operation may be kept, as the graph says of its types and fields."""

import pytest
from graphql import build_schema, parse

from tests.router.operation_tree import tree_of
from trevo.operation.freshness import seconds_kept
from trevo.supergraph.cache_control import CacheHint, CacheRules, read_cache_rules

SDL = """
directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
  on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
enum CacheControlScope { PUBLIC PRIVATE }
type Query {
  count: Int
  rate: Float @cacheControl(maxAge: 30)
  products: [Product!]!
  quick: Product @cacheControl(maxAge: 10)
  me: User
  mine: Product @cacheControl(scope: PRIVATE)
  shops: [Shop] @cacheControl(maxAge: 600)
  media: Media @cacheControl(maxAge: 100)
  found: Found
  places: [Place]
  sights: [Sight]
  near: Near
  open: Place @cacheControl(maxAge: 90, scope: PUBLIC)
}
type Mutation { add: Product }
type Product @cacheControl(maxAge: 60) {
  name: String
  price: Int @cacheControl(maxAge: 5)
  maker: User @cacheControl(maxAge: 40)
  shop: Shop @cacheControl(inheritMaxAge: true)
  size: Size
  note: Note
  open: Note @cacheControl(scope: PUBLIC)
}
type Shop { city: String }
type Size { width: Int }
type User { name: String  likes: Product }
type Note @cacheControl(maxAge: 50, scope: PRIVATE) { text: String }
interface Media { title: String  length: Int }
type Film implements Media { title: String  length: Int @cacheControl(maxAge: 7) }
type Song implements Media { title: String  length: Int }
union Found @cacheControl(maxAge: 20) = Film | Song
interface Place @cacheControl(maxAge: 80) { name: String }
type Home implements Place @cacheControl(scope: PRIVATE) { name: String }
type Park implements Place & Sight @cacheControl(maxAge: 8) { name: String }
type Tower implements Sight { name: String }
interface Sight @cacheControl(maxAge: 70) { name: String }
union Near = Park
"""
SCHEMA = build_schema(SDL)
RULES = read_cache_rules(parse(SDL), frozenset({"cacheControl"}))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("{ products { name } }", 60),
        ("{ products { name price } }", 5),
        ("{ products { name __typename } __typename }", 60),
        ("{ quick { name } }", 10),
        ("{ quick { price } products { name } }", 5),
        ("{ quick { maker { name } } products { maker { name } } }", 10),
        ("{ products { maker { name } } }", 40),
        ("{ products { maker { likes { name } } } }", 40),
        ("{ products { shop { city } } }", 60),
        ("{ shops { city } }", 600),
        ("{ rate }", 30),
        # Of which nothing is said: a leaf at the root, an object anywhere.
        ("{ count rate }", 0),
        ("{ me { name } }", 0),
        ("{ products { size { width } } }", 0),
        # Somebody's own.
        ("{ mine { name } }", 0),
        ("{ products { note { text } } }", 0),
        ("{ products { open { text } } }", 50),
        # Whatever it may be counts.
        ("{ media { title } }", 100),
        ("{ media { length } }", 7),
        ("{ media { ... on Song { length } } }", 100),
        ("{ media { ... on Film { length } } }", 7),
        ("{ found { ... on Song { title } } }", 20),
        ("{ found { ... on Media { length } } }", 7),
        ("{ places { name } }", 0),
        ("{ places { ... on Park { name } } }", 0),
        ("{ sights { name } }", 8),
        ("{ near { ... on Park { name } } }", 0),
        ("{ open { name } }", 90),
        ("query ($a: Boolean!) { products { name price @include(if: $a) } }", 5),
        ("{ products { name price @include(if: false) } }", 60),
        ("{ ...F } fragment F on Query { products { ...P } } fragment P on Product { price }", 5),
        # Nothing of the graph's data.
        ("{ __typename }", 0),
        ("{ __schema { queryType { name } } }", 0),
        ("{ rate __schema { queryType { name } } }", 0),
        ("mutation { add { name } }", 0),
    ],
)
def test_it_is_kept_as_long_as_what_of_it_goes_bad_first(text, seconds):
    assert seconds_kept(RULES, SCHEMA, tree_of(text)) == seconds


def test_where_nothing_is_said_nothing_is_kept():
    assert seconds_kept(CacheRules(), SCHEMA, tree_of("{ products { name } }")) == 0


def test_what_several_subgraphs_say_of_one_place_counts_by_the_strictest():
    document = parse(
        """
        type Product @cacheControl(maxAge: 60) @join__directive(graphs: [A], name: "cacheControl", args: {maxAge: 9}) {
          name: String @join__directive(graphs: [A], name: "cacheControl", args: {scope: "PRIVATE"})
          a: Int @cacheControl(maxAge: 4, scope: PUBLIC) @cacheControl(maxAge: 8, scope: PRIVATE)
          b: Int @cacheControl(maxAge: -1)
          c: Int @cacheControl(inheritMaxAge: true)
          d: Int @join__directive(graphs: [A], name: "other", args: {maxAge: 9})
        }
        """
    )
    assert dict(read_cache_rules(document, frozenset({"cacheControl"})).hints) == {
        "Product": CacheHint(9),
        "Product.name": CacheHint(is_private=True),
        "Product.a": CacheHint(4, is_private=True),
        "Product.b": CacheHint(0),
        "Product.c": CacheHint(inherits=True),
    }


def test_nested_interfaces_are_looked_at_once_for_each_type():
    """With ten types of each interface a walk of every combination would not end."""
    types = " ".join(f"type T{number} implements Node {{ next: Node }}" for number in range(10))
    schema = build_schema(f"type Query {{ next: Node }} interface Node {{ next: Node }} {types}")
    rules = CacheRules({"Node": CacheHint(30), "T3.next": CacheHint(12)})
    text = "{ next " * 20 + "{ __typename }" + " }" * 20
    assert seconds_kept(rules, schema, tree_of(text)) == 12
