"""
The features a supergraph is written with: what its `@link`s name, and which of them the router must understand.

A link `for: SECURITY` guards data, one `for: EXECUTION` changes what is asked of subgraphs. A router that ignored one
of these would answer wrongly, so an unknown one is refused; any other link is a note for tools. The *guards*
(`@authenticated`, `@requiresScopes`, `@policy`) are kept whatever purpose their link names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from graphql import ConstDirectiveNode, DocumentNode, SchemaDefinitionNode, SchemaExtensionNode, value_from_ast_untyped

from trevo.supergraph.errors import SupergraphError

_VERSIONS: dict[str, tuple[int, frozenset[int]]] = {
    # feature: its major version, and the minor ones that are understood
    "link": (1, frozenset({0})),
    "join": (0, frozenset({2, 3, 4, 5})),
    "inaccessible": (0, frozenset({1, 2})),
    "tag": (0, frozenset({1, 2, 3})),
    "cost": (0, frozenset({1})),
    "cacheTag": (0, frozenset({1})),
    "authenticated": (0, frozenset({1})),
    "requiresScopes": (0, frozenset({1})),
    "policy": (0, frozenset({1})),
    "context": (0, frozenset({1})),
}
_CONNECTORS = (
    "The supergraph has connectors (`@connect`), whose fields no GraphQL server resolves. This router asks GraphQL "
    "servers only: put one before what the connectors call, or use a router that has them."
)
_GUARDS = frozenset({"authenticated", "requiresScopes", "policy"})
_OF_THE_FIELD = re.compile(r"https?://specs\.apollo\.dev/")
_NEEDED_PURPOSES = frozenset({"SECURITY", "EXECUTION"})
_FEATURE_URL = re.compile(r"/(?P<name>[A-Za-z_]\w*)/v(?P<major>\d+)\.(?P<minor>\d+)/?$")


@dataclass(frozen=True, slots=True)
class Features:
    """The linked features, by the names they go under in this file."""

    prefixes: frozenset[str]
    """Types and directives called `prefix__…` belong to a feature."""
    directives: frozenset[str]
    """Directives that features define under plain names: `link`, `tag`, `inaccessible`."""
    inaccessible: str | None
    """The directive that hides, where it is linked."""
    cost: str = "cost"
    list_size: str = "listSize"
    """The two directives of the cost feature; where it is not linked, nothing is called so."""
    context: str | None = None
    """The directive by which a type sets a context, where it is linked."""
    cache_control: frozenset[str] = frozenset({"cacheControl"})
    """The names of the directive that says how long answers are good."""
    guards: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The directives that say who may ask, by what each is called here: `{"needs": "requiresScopes"}`."""

    def owns_type(self, name: str) -> bool:
        return "__" in name and name.split("__", 1)[0] in self.prefixes

    def owns_directive(self, name: str) -> bool:
        return name in self.directives or self.owns_type(name)

    def is_machinery(self, name: str) -> bool:
        """Whether an application of this directive is of no use after loading."""
        return name in {"link", "core", self.inaccessible, self.context} or self.owns_type(name)


def read_features(document: DocumentNode) -> Features:
    """
    The features that the schema links to.

    Refuses a file without links (Federation 1, or no supergraph at all), an unknown feature for SECURITY or
    EXECUTION, and a version of a known one that was written after this router.
    """
    links = [
        {a.name.value: value_from_ast_untyped(a.value) for a in application.arguments or ()}
        for application in _schema_directives(document)
        if application.name.value == "link"
    ]
    if not links:
        if any(application.name.value == "core" for application in _schema_directives(document)):
            raise SupergraphError(
                "This supergraph was composed by Federation 1 (`@core`). Compose it with Federation 2; "
                "Federation 1 subgraphs may stay as they are."
            )
        raise SupergraphError("The schema has no `@link`, so this is not a supergraph of Federation 2.")

    prefixes = {"join", "link", "core"}
    directives = {"link", "core"}
    inaccessible = context = None
    cache_control = {"cacheControl", "federation__cacheControl"}
    cost_names = {}
    guards: dict[str, str] = {}
    for link in links:
        feature, name = _check_link(link)
        prefixes.add(name)
        directives.add(name)
        directives |= _imported(link)
        if "@cacheControl" in (own := _own_names(link)):
            cache_control.add(own["@cacheControl"])
        if feature == "cost":
            cost_names = {
                "cost": own.get("@cost", name),
                "list_size": own.get("@listSize", f"{name}__listSize"),
            }
            directives |= set(cost_names.values())
        if feature == "inaccessible":
            inaccessible = name
        if feature == "context":
            context = name
        if _is_guard(feature, link):
            # Under both names: what is read twice is guarded, what is not read at all would be open.
            guards |= dict.fromkeys((name, _own_names(link).get(f"@{feature}", name)), feature)
    return Features(
        frozenset(prefixes),
        frozenset(directives),
        inaccessible,
        **cost_names,
        context=context,
        cache_control=frozenset(cache_control),
        guards=MappingProxyType(guards),
    )


def _check_link(link: dict[str, object]) -> tuple[str, str]:
    """The feature's own name and the name it goes under."""
    url = str(link.get("url"))
    found = _FEATURE_URL.search(url)
    feature = found["name"] if found else url.rstrip("/").rsplit("/", 1)[-1]
    if link.get("for") in _NEEDED_PURPOSES or _is_guard(feature, link):
        if feature not in _VERSIONS:
            if feature == "connect":
                raise SupergraphError(_CONNECTORS)
            raise SupergraphError(
                f"The supergraph uses {url} for {link.get('for')}, which this router does not know. "
                "Take the feature out of the subgraphs, or use a router that has it."
            )
        major, minors = _VERSIONS[feature]
        if found is None or int(found["major"]) != major or int(found["minor"]) not in minors:
            known = ", ".join(f"{major}.{minor}" for minor in sorted(minors))
            raise SupergraphError(f"The supergraph uses {url}; this router knows {feature} in version {known}.")
    return feature, str(link.get("as") or feature)


def _is_guard(feature: str, link: dict[str, object]) -> bool:
    """Whether the link says who may ask: whoever's it is where it says what it is for, else only the field's own."""
    is_meant = link.get("for") in _NEEDED_PURPOSES or _OF_THE_FIELD.match(str(link.get("url"))) is not None
    return feature in _GUARDS and is_meant


def _imported(link: dict[str, object]) -> set[str]:
    """Directives taken from the feature under names of their own."""
    return set(_own_names(link).values())


def _own_names(link: dict[str, object]) -> dict[str, str]:
    """What directives are imported, and what each is called here: `import: ["@tag", {name: "@x", as: "@y"}]`."""
    names = {}
    imports = link.get("import")
    for entry in imports if isinstance(imports, list) else ():
        name = entry.get("name") if isinstance(entry, dict) else entry
        own = entry.get("as") or name if isinstance(entry, dict) else entry
        if isinstance(name, str) and isinstance(own, str) and own.startswith("@"):
            names[name] = own[1:]
    return names


def _schema_directives(document: DocumentNode) -> list[ConstDirectiveNode]:
    return [
        application
        for node in document.definitions
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode))
        for application in node.directives or ()
    ]
