"""Which rules about who may ask are read from a supergraph."""

import pytest
from graphql import print_schema

from tests.router.supergraph.test_load_supergraph import BODY, GRAPHS, LINKS, a_supergraph
from trevo.supergraph import Supergraph, SupergraphError, load_supergraph
from trevo.supergraph.authorization import Asker, failing, policies_of

GUARDS = LINKS + (
    '@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)'
    '@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)'
    '@link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)'
)
NEWER = "https://specs.apollo.dev/authenticated/v0.2"
DEFINITIONS = """
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
scalar requiresScopes__Scope
scalar policy__Policy
"""


def guarded(body: str, *, links: str = GUARDS) -> Supergraph:
    return load_supergraph(a_supergraph(links=links, body=body + DEFINITIONS))


def needed(supergraph: Supergraph, coordinate: str, *possible: str) -> list[str]:
    """What a field needs; on an interface or a union, where the object can be one of *possible*."""
    type_name, field_name = coordinate.split(".")
    return sorted(map(str, supergraph.authorization.needed(type_name, field_name, frozenset(possible or (type_name,)))))


def test_a_rule_is_at_a_field_its_type_or_the_type_that_it_returns() -> None:
    supergraph = guarded(
        """
        type Query @join__type(graph: LAND) { farm: Farm plain: Int }
        type Farm @join__type(graph: LAND) @authenticated {
          id: ID!
          area: Area @requiresScopes(scopes: [["land", "read"], ["admin"]])
          kind: Kind @policy(policies: [["owner"]])
          near: [[Farm!]!]
        }
        scalar Area @join__type(graph: LAND) @policy(policies: [["surveyor"]])
        enum Kind @join__type(graph: LAND) @requiresScopes(scopes: [["kinds"]]) { COFFEE }
        """
    )
    assert needed(supergraph, "Query.plain") == []
    assert needed(supergraph, "Query.farm") == ["authenticated"]
    assert needed(supergraph, "Farm.id") == ["authenticated"]
    assert needed(supergraph, "Farm.near") == ["authenticated"]
    assert needed(supergraph, "Farm.area") == ["authenticated", "policies surveyor", "scopes admin | land read"]
    assert needed(supergraph, "Farm.kind") == ["authenticated", "policies owner", "scopes kinds"]
    assert supergraph.authorization.policies == {"owner", "surveyor"}


def test_the_root_type_may_have_a_rule() -> None:
    supergraph = guarded("type Query @join__type(graph: LAND) @authenticated { plain: Int }")
    assert needed(supergraph, "Query.plain") == ["authenticated"]


def test_a_field_of_an_interface_needs_what_it_needs_on_all_its_types() -> None:
    supergraph = guarded(
        """
        type Query @join__type(graph: LAND) { place: Place }
        interface Place @join__type(graph: LAND) { id: ID! name: String @authenticated }
        type Farm implements Place
          @join__type(graph: LAND) @join__implements(graph: LAND, interface: "Place")
          @requiresScopes(scopes: [["farms"]])
        { id: ID! name: String }
        type Silo implements Place
          @join__type(graph: LAND) @join__implements(graph: LAND, interface: "Place")
        { id: ID! name: String @policy(policies: [["silos"]]) }
        """
    )
    assert needed(supergraph, "Query.place") == []
    assert needed(supergraph, "Place.id", "Farm", "Silo") == ["scopes farms"]
    assert needed(supergraph, "Place.id", "Silo") == []
    assert needed(supergraph, "Place.name", "Farm", "Silo") == ["authenticated", "policies silos", "scopes farms"]
    assert needed(supergraph, "Silo.name") == ["policies silos"]


def test_a_field_needs_what_it_requires_however_many_steps_away() -> None:
    supergraph = guarded(
        """
        type Query @join__type(graph: LAND) @join__type(graph: CREDIT) { farm: Farm @join__field(graph: LAND) }
        type Farm @join__type(graph: LAND, key: "id") @join__type(graph: CREDIT, key: "id") {
          id: ID!
          soil: Soil @join__field(graph: LAND) @join__field(graph: CREDIT, external: true)
          tax: Int @join__field(graph: LAND) @join__field(graph: CREDIT, external: true)
            @requiresScopes(scopes: [["tax"]])
          worth: Int @join__field(graph: CREDIT, requires: "tax soil { ... on Soil { depth } }")
          score: Int @join__field(graph: LAND, requires: "worth")
          open: Int @join__field(graph: LAND)
        }
        type Soil @join__type(graph: LAND) @join__type(graph: CREDIT) @authenticated {
          depth: Int @policy(policies: [["deep"]])
        }
        """
    )
    everything = ["authenticated", "policies deep", "scopes tax"]
    assert needed(supergraph, "Farm.worth") == everything
    assert needed(supergraph, "Farm.score") == everything
    assert needed(supergraph, "Farm.open") == []


def test_a_field_needs_what_it_takes_from_a_context_wherever_that_is_set() -> None:
    supergraph = guarded(
        """
        type Query @join__type(graph: LAND) { farm: Farm plot: Plot }
        type Farm @join__type(graph: LAND, key: "id") @context(name: "land__owner") {
          id: ID!
          tax: Int @requiresScopes(scopes: [["tax"]])
          harvest: Harvest
        }
        type Plot @join__type(graph: LAND, key: "id") @context(name: "land__owner") {
          id: ID!
          tax: Int @authenticated
          harvest: Harvest
        }
        type Harvest @join__type(graph: LAND, key: "id") {
          id: ID!
          worth: Int @join__field(
            graph: LAND, contextArguments: [{context: "land__owner", name: "a", type: "Int", selection: "tax"}]
          )
        }
        """,
        links=f'{GUARDS} @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)',
    )
    assert needed(supergraph, "Harvest.worth") == ["authenticated", "scopes tax"]
    assert needed(supergraph, "Harvest.id") == []


def test_requirements_may_lead_in_circles() -> None:
    supergraph = guarded(
        """
        type Query @join__type(graph: LAND) { farm: Farm }
        type Farm @join__type(graph: LAND, key: "id") @join__type(graph: CREDIT, key: "id") {
          id: ID!
          a: Int @join__field(graph: LAND, requires: "b") @authenticated
          b: Int @join__field(graph: CREDIT, requires: "a") @requiresScopes(scopes: [["b"]])
        }
        """
    )
    assert needed(supergraph, "Farm.a") == needed(supergraph, "Farm.b") == ["authenticated", "scopes b"]


def test_what_an_interface_object_contributes_needs_what_it_says_there() -> None:
    supergraph = guarded(
        """
        type Query @join__type(graph: LAND) @join__type(graph: CREDIT) { place: Place @join__field(graph: LAND) }
        interface Place
          @join__type(graph: LAND, key: "id") @join__type(graph: CREDIT, key: "id", isInterfaceObject: true)
        {
          id: ID!
          score: Int @join__field(graph: CREDIT) @authenticated
        }
        type Farm implements Place
          @join__type(graph: LAND, key: "id") @join__implements(graph: LAND, interface: "Place")
        { id: ID! score: Int @join__field }
        """
    )
    assert needed(supergraph, "Farm.score") == ["authenticated"]
    assert needed(supergraph, "Farm.id") == []


@pytest.mark.parametrize(
    ("link", "directive"),
    [
        ('url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY', "authenticated"),
        ('url: "https://specs.apollo.dev/authenticated/v0.1"', "authenticated"),
        ('url: "https://specs.apollo.dev/authenticated/v0.1", as: "signedIn", for: SECURITY', "signedIn"),
        (
            'url: "https://specs.apollo.dev/authenticated/v0.1", import: [{name: "@authenticated", as: "@member"}]',
            "member",
        ),
        ('url: "https://specs.apollo.dev/authenticated/v0.1", import: ["@authenticated"]', "authenticated"),
    ],
)
def test_a_directive_goes_by_the_name_that_its_link_gives_it(link: str, directive: str) -> None:
    body = f"""
    type Query @join__type(graph: LAND) {{ farm: Int @{directive} }}
    directive @{directive} on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
    """
    supergraph = load_supergraph(a_supergraph(links=f"{LINKS} @link({link})", body=body))
    assert needed(supergraph, "Query.farm") == ["authenticated"]
    assert f"@{directive}" not in print_schema(supergraph.public_schema)


def test_a_directive_that_is_not_linked_is_a_note() -> None:
    supergraph = guarded("type Query @join__type(graph: LAND) { farm: Int @authenticated }", links=LINKS)
    assert not supergraph.authorization


def test_clients_see_nothing_of_the_rules() -> None:
    text = print_schema(guarded("type Query @join__type(graph: LAND) { farm: Int @authenticated }").public_schema)
    assert text == "type Query {\n  farm: Int\n}"


@pytest.mark.parametrize(
    ("scopes", "enough", "too_little"),
    [
        ('[["a", "b"], ["c"]]', ["a b", "c", "a b c"], ["", "a", "b"]),
        ('["a"]', ["a"], ["", "b"]),
        ('"a"', ["a"], ["", "b"]),
        ("[[]]", [""], []),
        ("[]", [], ["", "a"]),
    ],
)
def test_all_of_one_group_are_enough(scopes: str, enough: list[str], too_little: list[str]) -> None:
    supergraph = guarded(f"type Query @join__type(graph: LAND) {{ farm: Int @requiresScopes(scopes: {scopes}) }}")
    rule = supergraph.authorization.needed("Query", "farm", frozenset({"Query"}))
    assert [text for text in enough if failing(rule, Asker(scopes=frozenset(text.split())))] == []
    assert [text for text in too_little if not failing(rule, Asker(scopes=frozenset(text.split())))] == []


def test_a_policy_must_have_said_yes() -> None:
    supergraph = guarded('type Query @join__type(graph: LAND) { farm: Int @policy(policies: [["a", "b"]]) }')
    rule = supergraph.authorization.needed("Query", "farm", frozenset({"Query"}))
    assert policies_of(rule) == {"a", "b"}
    everything_else = Asker(is_authenticated=True, scopes=frozenset({"a", "b"}), policies=frozenset({"a"}))
    assert failing(rule, everything_else) == rule
    assert failing(rule, Asker(policies=frozenset({"a", "b"}))) == frozenset()


@pytest.mark.parametrize(
    ("links", "farm", "message"),
    [
        (
            LINKS + f'@link(url: "{NEWER}", for: SECURITY)',
            "Int",
            f"The supergraph uses {NEWER}; this router knows authenticated in version 0.1.",
        ),
        (
            LINKS + '@link(url: "https://specs.apollo.dev/policy")',
            "Int",
            "The supergraph uses https://specs.apollo.dev/policy; this router knows policy in version 0.1.",
        ),
        (
            GUARDS,
            "Int @requiresScopes(scopes: [[1]])",
            "The field Query.farm has `@requiresScopes` without a list of lists of names in `scopes`.",
        ),
        (
            GUARDS,
            "Int @policy",
            "The field Query.farm has `@policy` without a list of lists of names in `policies`.",
        ),
    ],
)
def test_rules_that_cannot_be_kept_are_refused(links: str, farm: str, message: str) -> None:
    with pytest.raises(SupergraphError) as refusal:
        guarded(f"type Query @join__type(graph: LAND) {{ farm: {farm} }}", links=links)
    assert str(refusal.value) == message


@pytest.mark.parametrize("base", ["http://specs.apollo.dev", "https://specs.example.com"])
def test_a_link_for_security_is_kept_whoever_specifies_it(base: str) -> None:
    links = LINKS + f'@link(url: "{base}/authenticated/v0.1", for: SECURITY)'
    body = "type Query @join__type(graph: LAND) { plain: Int @authenticated }"
    supergraph = load_supergraph(a_supergraph(links=links, body=body + DEFINITIONS))
    assert needed(supergraph, "Query.plain") == ["authenticated"]


def test_a_link_of_the_same_name_to_something_else_is_a_note() -> None:
    links = LINKS + '@link(url: "https://example.com/policy/v9.0")'
    supergraph = load_supergraph(a_supergraph(links=links, graphs=GRAPHS, body=BODY))
    assert not supergraph.authorization
