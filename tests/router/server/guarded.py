"""The small graph with rules about who may ask, served over HTTP."""

from tests.router.auth.test_identity import AUDIENCE, ISSUER, token
from tests.router.server.http_client import serving
from tests.router.server.test_tokens_over_http import publish
from tests.router.small_graph import SUPERGRAPH
from trevo.config.rates import Rates
from trevo.config.settings import Settings

GUARDED = (
    SUPERGRAPH.replace(
        '  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)\n',
        '  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)\n'
        '  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)\n'
        '  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)\n'
        '  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)\n',
    )
    .replace("  email: String", "  email: String @authenticated")
    .replace("  weight: Int", '  weight: Int @requiresScopes(scopes: [["stock", "read"], ["admin"]])')
    .replace("  body: String", '  body: String @policy(policies: [["reader"]])')
    .replace("  reviewNeeded: Review!", "  reviewNeeded: Review! @authenticated")
    .replace("rename(id: ID!, name: String!): User", "rename(id: ID!, name: String!): User @authenticated")
    .replace("  upc: ID!\n  name: String @", "  upc: ID! @authenticated\n  name: String @")
)


def settings(**options):
    given = {"issuer": ISSUER, "audience": AUDIENCE, "rates": Rates(enabled=False)} | options
    return Settings(**given)


def guarded(graph, made=None, **options):
    return serving(made or settings(), graph, supergraph_text=GUARDED, key_source=publish, **options)


def bearer(**claims):
    return {"authorization": f"Bearer {token(**claims)}"}


def unauthorized(path, message):
    return {"message": message, "path": path, "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"}}


def asked_of(subgraph):
    return [request.document for request in subgraph.requests]


async def is_ada(request):
    return request.identity is not None and request.identity.claims["sub"] == "u1"
