"""
Whose request it is.

A request without a token is anonymous and goes on: subgraphs decide what everyone may see. A token that is present
must be good, else the request is refused with 401 before anything is asked: a client that believes to be signed in
must not be answered as if it were not. Subgraphs verify the token again; nobody trusts a header.

Where there are several issuers, the token's own word says only by whose keys and rules it is to be verified; what it
claims counts when these have proved it. So no issuer can speak for another, and one that is away stops nobody else's.
"""

import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import jwt
import orjson

from trevo.auth.keys import KeySet, KeySource, KeysUnavailable, keys_from_url
from trevo.config.issuers import TokenIssuer
from trevo.config.settings import Settings
from trevo.errors import RequestRefused, refuse

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
    issuer: str | None = None
    """Who says so; None where the token does not tell."""
    claims: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)
    """All that the token says."""

    @property
    def person(self) -> str:
        """Whom bounds and rates count: two issuers may call different people by one subject."""
        return self.subject if self.issuer is None else f"{self.issuer} {self.subject}"


@dataclass(frozen=True, slots=True)
class _Verified:
    """What was found out about a token a moment ago, and by which key."""

    identity: Identity
    key_id: str | None
    key: jwt.PyJWK
    until: float


class Verifier(Protocol):
    """Says whose token it is."""

    async def verify(self, authorization: str | None) -> Identity | None:
        """
        The identity behind an `Authorization` header; None without one.

        Refuses with `UNAUTHENTICATED` (401), and with `KEYS_UNAVAILABLE` (503) when nothing can be verified.
        """
        ...


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
        scope_claim: str = "scope",
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._algorithms = algorithms
        self._leeway = clock_skew_seconds
        self._scope_claim = scope_claim
        self._remembered: dict[str, _Verified] = {}
        """By token."""

    async def verify(self, authorization: str | None) -> Identity | None:
        """As `Verifier` says. A token that was good a moment ago is not verified again."""
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
        issuer = claims.get("iss")
        identity = Identity(
            str(claims["sub"]),
            words_of(claims.get(self._scope_claim)),
            float(claims["exp"]) + self._leeway,
            issuer if isinstance(issuer, str) else None,
            MappingProxyType(claims),
        )
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


class IssuersVerifier:
    """Verifies the tokens of several issuers, each by its own verifier."""

    def __init__(self, by_issuer: Mapping[str, TokenVerifier]) -> None:
        self._by_issuer = by_issuer

    async def verify(self, authorization: str | None) -> Identity | None:
        """As `Verifier` says; an issuer that is none of ours is asked for nothing."""
        if authorization is None:
            return None
        verifier = self._by_issuer.get(_issuer_named_in(_bearer_token(authorization)))
        if verifier is None:
            raise _unauthenticated("The token comes from another issuer.")
        return await verifier.verify(authorization)


def _issuer_named_in(token: str) -> str:
    """What *token* says of its issuer. Nothing has been proved yet."""
    parts = token.split(".")
    try:
        claims = orjson.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))) if len(parts) == 3 else None
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise _unauthenticated("The token is malformed.")
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        raise _unauthenticated("The token lacks the claim 'iss'.")
    return issuer


def words_of(claim: Any) -> frozenset[str]:
    """The words of a token's *claim*, which may be a list of them, or one text."""
    if isinstance(claim, list):
        return frozenset(each for each in claim if isinstance(each, str))
    # Between single spaces (RFC 6749, 3.3); no other white space divides one word into two.
    return frozenset(claim.split(" ")) - {""} if isinstance(claim, str) else frozenset()


def bears(identity: Identity | None, scopes: frozenset[str], roles: frozenset[str], *, roles_claim: str) -> bool:
    """Whether the token of *identity* has one of *scopes*, or one of *roles* in its *roles_claim*."""
    if identity is None:
        return False
    if not scopes.isdisjoint(identity.scopes):
        return True
    return bool(roles) and not roles.isdisjoint(words_of(identity.claims.get(roles_claim)))


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


def make_verifier(settings: Settings, key_source: KeySource | None) -> Verifier | None:
    """
    The verifier that *settings* ask for; None when neither they nor the embedder name keys.

    Raises ValueError where there are several issuers and the one of *key_source* has no name.
    """
    verifiers: dict[str | None, TokenVerifier] = {}
    if key_source is None and settings.jwks_url is not None:
        key_source = keys_from_url(settings.jwks_url)
    if key_source is not None:
        verifiers[settings.issuer] = _verifier_of(settings, key_source, settings)
    for each in settings.issuers:
        verifiers[each.issuer] = _verifier_of(each, keys_from_url(each.jwks_url), settings)
    if len(verifiers) <= 1:
        return next(iter(verifiers.values()), None)
    by_issuer = {name: verifier for name, verifier in verifiers.items() if name is not None}
    if len(by_issuer) != len(verifiers):
        raise ValueError("with 'issuers', the issuer of the embedder's keys must be named by 'issuer'")
    return IssuersVerifier(by_issuer)


def _verifier_of(issuer: Settings | TokenIssuer, key_source: KeySource, settings: Settings) -> TokenVerifier:
    keys = KeySet(
        key_source,
        fresh_seconds=issuer.jwks_cache_seconds,
        stale_seconds_max=issuer.jwks_stale_seconds_max,
    )
    return TokenVerifier(
        keys,
        issuer=issuer.issuer,
        audience=issuer.audience,
        algorithms=issuer.algorithms,
        clock_skew_seconds=settings.clock_skew_seconds,
        scope_claim=settings.authorization.scope_claim,
    )
