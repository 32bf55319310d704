"""What others need to know of the identity provider: its keys and its addresses."""

from typing import Any

from fastapi import APIRouter, Response

from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain.access_tokens import ALL_SCOPES

KEYS_CACHED_SECONDS = 2
"""A key that is withdrawn must be gone for everybody within seconds, whatever caches lie between."""
METADATA_CACHED_SECONDS = 60


def discovery_routes(services: Services) -> APIRouter:
    routes = APIRouter()
    settings = services.settings
    base = settings.base_url.rstrip("/")

    @routes.get("/.well-known/jwks.json")
    async def key_set(response: Response) -> dict[str, Any]:
        """The public keys (RFC 7517)."""
        response.headers["Cache-Control"] = f"public, max-age={KEYS_CACHED_SECONDS}"
        return await services.key_source()

    @routes.get("/.well-known/oauth-authorization-server")
    async def metadata(response: Response) -> dict[str, Any]:
        """Authorization server metadata (RFC 8414)."""
        response.headers["Cache-Control"] = f"public, max-age={METADATA_CACHED_SECONDS}"
        return {
            "issuer": settings.token_issuer,
            "token_endpoint": f"{base}/oauth/token",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "introspection_endpoint": f"{base}/oauth/introspect",
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "scopes_supported": list(ALL_SCOPES),
            "response_types_supported": [],
            "grant_types_supported": ["password", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "introspection_endpoint_auth_methods_supported": ["none"],
        }

    return routes
