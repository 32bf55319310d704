"""
Who is asking: every service verifies the access token itself and trusts no header that says so.

Tokens are JWTs (RFC 7519) with an asymmetric signature; the keys come from the identity provider's JWKS
(RFC 7517), are cached, and are asked for again when a token names a key not seen yet.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import aiohttp
import jwt
import structlog

from subgraphs.shared.scopes import OWN_SIGHTS, SIGHTS, Sight

log = structlog.get_logger()

ALGORITHMS = ("EdDSA", "RS256")
"""Asymmetric only: with a symmetric algorithm in the list a public key could be used to forge."""

CLOCK_SKEW_SECONDS = 5
KEYS_FRESH_SECONDS = 30
"""A withdrawn key is told as an event as well; this is for when events do not arrive."""
KEYS_WAIT_SECONDS = 0.5
"""For fresh keys where a known one can be used: nobody waits longer because their publisher hangs."""
KEYS_RETRY_SECONDS = 5
"""An unknown key id may ask for the keys again only this often, or forged tokens could hammer the provider."""
TOKEN_CHARACTERS_MAX = 4_096

REMEMBERED_SECONDS = 30
"""One request to the graph asks many subgraphs with the same token. Short, so that a withdrawn key soon counts."""
REMEMBERED_MAX = 10_000

KeySet = dict[str, Any]
"""A JWKS document."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified person and what their token may be used for."""

    user_id: UUID
    scopes: frozenset[str] = frozenset()
    session_id: str | None = None
    token_id: str | None = None
    expires_at: float | None = None
    """When the token is no longer accepted, in seconds since the epoch; for what outlasts a request."""
    proved_at: float | None = None
    """When they last proved to be who they are (`auth_time`), in seconds since the epoch; None where nobody says."""
    key_id: str | None = None
    """Of the key that signed the token."""
    actor_id: UUID | None = None
    """Who acts for *user_id*, a company, by this token (`act`, RFC 8693, section 4.1); None where people act for
    themselves."""
    token: str | None = field(default=None, repr=False, compare=False)
    """The token itself, for asking its issuer whether it is still good."""

    def has_proved_within(self, seconds: float) -> bool:
        """Whether the last proof is fresh. By this machine's time, as the token's end is."""
        return self.proved_at is not None and time.time() - self.proved_at <= seconds

    def oneself(self) -> "Identity":
        """The natural person behind the token: the representative, where one acts for a company."""
        return self if self.actor_id is None else replace(self, user_id=self.actor_id, actor_id=None)

    def may(self, *scopes: str) -> bool:
        """Whether the token has one of *scopes*."""
        return not self.scopes.isdisjoint(scopes)

    def sees(self, owner_id: UUID, sight: Sight) -> bool:
        """Whether the token shows what is *owner_id*'s: to themselves, or to staff who need it."""
        return self.sees_own(owner_id, sight) or self.may(*SIGHTS[sight])

    def sees_own(self, owner_id: UUID, sight: Sight) -> bool:
        """Whether *owner_id* is who asks, and the token shows them what is theirs."""
        return owner_id == self.user_id and self.may(*OWN_SIGHTS[sight])

    def as_owner(self, sight: Sight) -> UUID:
        """Whose things of a kind the token shows as the asker's own, for a statement: theirs, or nobody's."""
        return self.user_id if self.may(*OWN_SIGHTS[sight]) else NOBODY


NOBODY = UUID(int=0)
"""The id of no person: what is theirs is not there."""

ANONYMOUS = Identity(user_id=NOBODY)
"""Nobody in particular: no token came with the request."""


SIGN_IN_FIRST = "Sign in first: send an access token as 'Authorization: Bearer …'."
"""Told to whoever asks without a token for what needs one."""


class InvalidToken(Exception):
    """The token proves nothing; the message tells its holder what is wrong with it, and no more."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a genuine token, in its time, is accepted no more."""

    message: str
    reason: str
    """For programs."""


class NoLongerAccepted(InvalidToken):
    """Something was decided since the token was issued."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.message)
        self.objection = objection


class KeysUnavailable(Exception):
    """The identity provider's keys cannot be had at the moment, so nothing can be verified."""


async def fetch_key_set(url: str) -> KeySet:
    """The JWKS document at *url*."""
    timeout = aiohttp.ClientTimeout(total=5)
    async with (
        aiohttp.ClientSession(timeout=timeout) as client,
        client.get(url, allow_redirects=False) as response,
    ):
        response.raise_for_status()
        document: KeySet = await response.json()
        return document


@dataclass
class TokenVerifier:
    """Verifies access tokens of one issuer for one audience."""

    issuer: str
    audience: str
    key_source: Callable[[], Awaitable[KeySet]]
    """Gives the JWKS: over HTTP (`fetch_key_set`), or directly where the provider runs in the same process."""
    objection_to: Callable[[Identity], Objection | None] = lambda _identity: None
    """What was decided about a person, a session or a key since the token was issued. Asked each time: it is cheap."""

    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict, init=False)
    _fetched_at: float = field(default=float("-inf"), init=False)
    _verified: dict[str, tuple[Identity, float]] = field(default_factory=dict, init=False, repr=False)
    """Identity by token, and until when it is remembered."""
    _tried_at: float = field(default=float("-inf"), init=False)
    _refreshing: asyncio.Task[bool] | None = field(default=None, init=False, repr=False)
    """One request for keys, however many tokens wait for it."""

    async def verify(self, token: str) -> Identity:
        """
        The identity a token proves. One that was verified a moment ago is not verified again.

        Raises InvalidToken (malformed, forged, expired, not yet valid, other issuer or audience, unknown key),
        NoLongerAccepted among it, and KeysUnavailable.
        """
        identity = await self._identify(token)
        if (objection := self.objection_to(identity)) is not None:
            raise NoLongerAccepted(objection)
        return identity

    async def verify_header(self, authorization: str | None) -> Identity:
        """As `verify`, of an `Authorization` header; without one it raises InvalidToken, too."""
        token = bearer_token(authorization)
        if token is None:
            raise InvalidToken(SIGN_IN_FIRST)
        return await self.verify(token)

    async def _identify(self, token: str) -> Identity:
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise InvalidToken("the token is too long")
        remembered = self._verified.get(token)
        if remembered is not None and time.time() < remembered[1]:
            return remembered[0]
        identity, expires_at = await self._verify(token)
        if len(self._verified) >= REMEMBERED_MAX:
            self._verified.clear()
        self._verified[token] = (identity, min(expires_at, time.time() + REMEMBERED_SECONDS))
        return identity

    async def _verify(self, token: str) -> tuple[Identity, float]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise InvalidToken("the token is not a JWT") from None
        key_id = str(header.get("kid", ""))
        key = await self._key(key_id)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self.issuer,
                audience=self.audience,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "iat", "sub", "iss", "aud", "jti"]},
            )
            identity = Identity(
                user_id=UUID(claims["sub"]),
                scopes=frozenset(_words(claims.get("scope"))),
                session_id=claims.get("sid"),
                token_id=claims["jti"],
                expires_at=float(claims["exp"]) + CLOCK_SKEW_SECONDS,
                proved_at=_instant(claims.get("auth_time")),
                key_id=key_id,
                actor_id=_actor(claims.get("act")),
                token=token,
            )
            return identity, float(claims["exp"])
        except jwt.ExpiredSignatureError:
            raise InvalidToken("the token has expired; refresh it or sign in again") from None
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise InvalidToken(f"the token is not valid here: {_public_reason(error)}") from None

    def reread_keys(self) -> None:
        """Ask for the keys again as soon as one is needed: a withdrawn one has a successor that signs already."""
        self._fetched_at = self._tried_at = float("-inf")

    async def _key(self, key_id: str) -> jwt.PyJWK:
        is_fresh = time.monotonic() - self._fetched_at < KEYS_FRESH_SECONDS
        if key_id not in self._keys or not is_fresh:
            is_read = await self._refresh(patience=KEYS_WAIT_SECONDS if key_id in self._keys else None)
            # Keys do not go bad because their publisher is down for a moment.
            if not is_read and key_id not in self._keys:
                raise KeysUnavailable("the identity provider's keys cannot be read")
        if key_id not in self._keys:
            raise InvalidToken("the token is signed with a key that is not known")
        return self._keys[key_id]

    async def _refresh(self, *, patience: float | None) -> bool:
        """Read the keys, unless that was tried a moment ago; whether the last reading succeeded, if it has ended."""
        is_over = self._refreshing is None or self._refreshing.done()
        # Without any key nobody can be served, so the next one to come tries at once.
        if is_over and (not self._keys or time.monotonic() - self._tried_at > KEYS_RETRY_SECONDS):
            self._tried_at = time.monotonic()
            self._refreshing = asyncio.create_task(self._read(), name="reads the keys of tokens")
        assert self._refreshing is not None  # noqa: S101  # as just made sure
        await asyncio.wait({self._refreshing}, timeout=patience)
        return self._refreshing.done() and self._refreshing.result()

    async def _read(self) -> bool:
        try:
            document = await self.key_source()
            self._keys = {key["kid"]: jwt.PyJWK(key) for key in document["keys"]}
        except Exception as error:  # noqa: BLE001  # whatever the source did, the keys we have remain
            log.warning("the keys of tokens cannot be read", error=f"{type(error).__name__}: {error}")
            return False
        self._fetched_at = time.monotonic()
        return True


def _words(scope: object) -> list[str]:
    """The words of a `scope` claim: between single spaces (RFC 6749, 3.3), and nothing else divides them."""
    return [word for word in scope.split(" ") if word] if isinstance(scope, str) else []


def _actor(claim: Any) -> UUID | None:
    """Raises ValueError or TypeError for a claim that names nobody: a token that is not understood is not good."""
    if claim is None:
        return None
    if not isinstance(claim, dict) or "act" in claim:
        raise ValueError("`act` has to name one person")
    return UUID(claim.get("sub"))


def _instant(claim: Any) -> float | None:
    return float(claim) if isinstance(claim, (int, float)) and not isinstance(claim, bool) else None


def _public_reason(error: Exception) -> str:
    if isinstance(error, jwt.InvalidAudienceError):
        return "it is meant for another audience"
    if isinstance(error, jwt.InvalidIssuerError):
        return "it comes from another issuer"
    if isinstance(error, jwt.ImmatureSignatureError):
        return "it is not valid yet"
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"it lacks the claim {error.claim}"
    return "its signature or its claims are wrong"


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer` header (RFC 6750); None without the header."""
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("the Authorization header has to be: Bearer <access token>")
    return token.strip()
