"""The servers under a subgraph, each with one layer more than the one before."""

import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.floor.layers import Layer, Serving, bytes_alone, has_its_answer_ready, served
from bench.gateways.cases import TYPENAME
from subgraphs.marketplace.core.settings import MarketplaceSettings
from subgraphs.marketplace.main import create_subgraph
from subgraphs.shared.http import create_http_app
from subgraphs.shared.identity import KeySet, TokenVerifier
from subgraphs.shared.logging import configure_logging
from trevo.door.client_address import TrustedProxies
from trevo.door.connections import ConnectionBounds
from trevo.serving.client_address import ClientAddress
from trevo.serving.response_headers import ResponseHeaders

ME = "{ me { id } }"
TRUSTED = TrustedProxies.of(["127.0.0.0/8"])
KEY_ID, ISSUER, AUDIENCE = "bench", "https://accounts.bench.example", "bench"

FROM_A_ROUTER = {
    "x-correlation-id": "bench-0123456789",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "x-request-deadline-ms": "15000",
    "x-forwarded-for": "203.0.113.4",
}
"""What a router sends along."""


class SubgraphLayers:
    """All of them, over the marketplace, whose database nobody asks: what is asked here needs no look at it."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._subgraph = create_subgraph(
            MarketplaceSettings(database_url="postgresql://nobody@127.0.0.1:1/nothing"),
            verifier=TokenVerifier(issuer=ISSUER, audience=AUDIENCE, key_source=self._key_set),
        )

    def http(self) -> Serving:
        return served(has_its_answer_ready, ConnectionBounds())

    def headers(self) -> Serving:
        app = ResponseHeaders(ClientAddress(has_its_answer_ready, trusted=TRUSTED))
        return served(app, ConnectionBounds())

    def endpoint(self) -> Serving:
        async def execute(_request: Any) -> dict[str, Any]:
            return {"data": {"__typename": "Query"}}

        answering = SimpleNamespace(
            name="marketplace", execute=execute, routes=[], internal_routes=[], request_bytes_max=1_000_000
        )
        return self._over(answering)

    def whole(self) -> Serving:
        return self._over(self._subgraph)

    def _over(self, subgraph: Any) -> Serving:
        configure_logging(level="WARNING")
        return served(create_http_app(subgraph, trusted=TRUSTED), ConnectionBounds())

    async def _key_set(self) -> KeySet:
        key = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [key | {"kid": KEY_ID, "alg": "EdDSA", "use": "sig"}]}

    def _signed_in(self) -> Mapping[str, str]:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(UUID(int=7)), "iat": now, "exp": now + 3_600, "jti": "1"}
        token = jwt.encode({**claims, "scope": "signed_in investor"}, self._key, "EdDSA", {"kid": KEY_ID})
        return {**FROM_A_ROUTER, "authorization": f"Bearer {token}"}

    def all(self) -> list[Layer]:
        signed_in = self._signed_in()
        return [
            Layer("bytes", TYPENAME, bytes_alone, FROM_A_ROUTER),
            Layer("http", TYPENAME, self.http, FROM_A_ROUTER),
            Layer("address, headers", TYPENAME, self.headers, FROM_A_ROUTER),
            Layer("endpoint", TYPENAME, self.endpoint, FROM_A_ROUTER),
            Layer("execute", TYPENAME, self.whole, FROM_A_ROUTER),
            Layer("token", TYPENAME, self.whole, signed_in),
            Layer("me { id }", ME, self.whole, signed_in),
        ]
