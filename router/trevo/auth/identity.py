"""
Whose request it is.

A request without a token is anonymous and goes on: subgraphs decide what everyone may see. A token that is present
must be good, else the request is refused with 401 before anything is asked: a client that believes to be signed in
must not be answered as if it were not. Subgraphs verify the token again; nobody trusts a header.
"""

import time
from dataclasses import dataclass
from typing import Any

import jwt

from trevo.auth.keys import KeySet, KeySource, KeysUnavailable, keys_from_url
from trevo.core.errors import RequestRefused, refuse
from trevo.core.settings import Settings

TOKEN_CHARACTERS_MAX = 16_000

REMEMBERED_SECONDS = 30
"""People ask several things in a row with the same token."""
REMEMBERED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Identity:
    """The bearer of a verified token."""

    subject: str
    scopes: frozenset[str]
    expires_at: float
    """When the token is no longer accepted, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """What was found out about a token a moment ago, and by which key."""

    identity: Identity
    key_id: str | None
    key: jwt.PyJWK
    until: float


class TokenVerifier:
    """Verifies the tokens of one issuer for one audience."""

    def __init__(
        self,
        keys: KeySet,
        *,
        issuer: str | None,
        audience: str | None,
        algorithms: tuple[str, ...],
        clock_skew_seconds: float = 5.0,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._algorithms = algorithms
        self._leeway = clock_skew_seconds
        self._remembered: dict[str, _Verified] = {}
        """By token."""

    async def verify(self, authorization: str | None) -> Identity | None:
        """
        The identity behind an `Authorization` header; None without one. A token that was good a moment ago is not
        verified again.

        Refuses with `UNAUTHENTICATED` (401), and with `KEYS_UNAVAILABLE` (503) when nothing can be verified.
        """
        if authorization is None:
            return None
        token = _bearer_token(authorization)
        remembered = self._remembered.get(token)
        if remembered is not None and time.time() < remembered.until:
            # A key that its issuer has withdrawn proves nothing any more, also not what it has proved.
            if await self._find_key(remembered.key_id) is remembered.key:
                return remembered.identity
            del self._remembered[token]
        key_id, key, claims = await self._read(token)
        scope = claims.get("scope")
        # Between single spaces (RFC 6749, 3.3); no other white space divides one word into two.
        scopes = frozenset(scope.split(" ")) - {""} if isinstance(scope, str) else frozenset[str]()
        identity = Identity(str(claims["sub"]), scopes, float(claims["exp"]) + self._leeway)
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        until = min(float(claims["exp"]), time.time() + REMEMBERED_SECONDS)
        self._remembered[token] = _Verified(identity, key_id, key, until)
        return identity

    async def _find_key(self, key_id: str | None) -> jwt.PyJWK | None:
        try:
            return await self._keys.find(key_id)
        except KeysUnavailable:
            message = "Tokens cannot be verified at the moment; try again."
            raise refuse("KEYS_UNAVAILABLE", message, status=503, is_transport=True) from None

    async def _read(self, token: str) -> tuple[str | None, jwt.PyJWK, dict[str, Any]]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise _unauthenticated("The token is malformed.") from None
        if header.get("alg") not in self._algorithms:
            raise _unauthenticated("The token's algorithm is not accepted.")
        named = header.get("kid")
        key_id = named if isinstance(named, str) else None
        key = await self._find_key(key_id)
        if key is None or key.algorithm_name != header["alg"]:
            raise _unauthenticated("The token is not signed by a key of the issuer.")
        return key_id, key, self._decode(token, key)

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        required = ["exp", "sub"]
        required += ["iss"] if self._issuer is not None else []
        required += ["aud"] if self._audience is not None else []
        try:
            return jwt.decode(
                token,
                key,
                algorithms=list(self._algorithms),
                issuer=self._issuer,
                audience=self._audience,
                leeway=self._leeway,
                options={"require": required, "verify_aud": self._audience is not None},
            )
        except jwt.ExpiredSignatureError:
            raise _unauthenticated("The token has expired; sign in again.") from None
        except jwt.ImmatureSignatureError:
            raise _unauthenticated("The token is not valid yet.") from None
        except jwt.InvalidAudienceError:
            raise _unauthenticated("The token was issued for another audience.") from None
        except jwt.InvalidIssuerError:
            raise _unauthenticated("The token comes from another issuer.") from None
        except jwt.MissingRequiredClaimError as error:
            raise _unauthenticated(f"The token lacks the claim '{error.claim}'.") from None
        except jwt.PyJWTError:
            raise _unauthenticated("The token is invalid.") from None


def _bearer_token(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or " " in token:
        raise _unauthenticated("Send the token as 'Authorization: Bearer <token>'.")
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise _unauthenticated("The token is too long.")
    return token


def _unauthenticated(message: str) -> RequestRefused:
    # RFC 6750, 3: the challenge names what was wrong with the token.
    challenge = f'Bearer error="invalid_token", error_description="{message}"'
    return refuse("UNAUTHENTICATED", message, status=401, is_transport=True, headers={"www-authenticate": challenge})


def check_scope(identity: Identity | None, required_scope: str | None) -> None:
    """Refuse a token without *required_scope* (`INSUFFICIENT_SCOPE`, 403). Anonymous requests pass."""
    if identity is None or required_scope is None or required_scope in identity.scopes:
        return
    message = f"The token lacks the scope '{required_scope}'."
    challenge = f'Bearer error="insufficient_scope", scope="{required_scope}"'
    raise refuse("INSUFFICIENT_SCOPE", message, status=403, is_transport=True, headers={"www-authenticate": challenge})


def make_verifier(settings: Settings, key_source: KeySource | None) -> TokenVerifier | None:
    """The verifier that *settings* ask for; None when neither they nor the embedder name keys."""
    if key_source is None:
        if settings.jwks_url is None:
            return None
        key_source = keys_from_url(settings.jwks_url)
    keys = KeySet(
        key_source,
        fresh_seconds=settings.jwks_cache_seconds,
        stale_seconds_max=settings.jwks_stale_seconds_max,
    )
    return TokenVerifier(
        keys,
        issuer=settings.issuer,
        audience=settings.audience,
        algorithms=settings.algorithms,
        clock_skew_seconds=settings.clock_skew_seconds,
    )
