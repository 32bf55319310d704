"""Who may have signed tokens: each issuer with its own keys, audience and signatures."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Algorithm = Literal[
    "EdDSA", "ES256", "ES256K", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"
]  # fmt: skip
"""Signatures by a private key. Those by a shared secret are none: whoever can verify them can forge them."""
Algorithms = Annotated[tuple[Algorithm, ...], Field(min_length=1)]
ALGORITHMS: tuple[Algorithm, ...] = ("EdDSA", "ES256", "RS256")
JwksUrl = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2_000)]


class TokenIssuer(BaseModel):
    """One of several issuers, who is found by the token's `iss` and believed about its own tokens only."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    issuer: str = Field(min_length=1)
    """The `iss` of its tokens."""
    jwks_url: JwksUrl
    """Where its keys are published."""
    audience: str | None = None
    """The `aud` that its tokens must have. None: any."""
    algorithms: Algorithms = ALGORITHMS
    """Signatures that are accepted of it."""
    jwks_cache_seconds: float = Field(3.0, gt=0)
    """A key that it has withdrawn is believed for so long at most; it is asked as often at most."""
    jwks_stale_seconds_max: float = Field(86_400.0, gt=0)
    """How long its keys are used while it does not answer."""
