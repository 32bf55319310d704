"""How the rules of a supergraph about who may ask for what are kept."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class AuthorizationSettings(BaseModel):
    """What becomes of fields without permission, for example `ROUTER_AUTHORIZATION__MODE=reject`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mode: Literal["filter", "reject"] = "filter"
    """`filter`: they are left out, null in the answer with an error each (`UNAUTHORIZED_FIELD_OR_TYPE`). `reject`: the
    whole operation is refused for one of them (403), and no subgraph is asked."""
    scope_claim: str = Field("scope", min_length=1)
    """The claim of a token that holds its scopes: words between spaces, or a list."""
    policies: str | None = Field(None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$")
    """Where the policies are that `@policy` names: `package.module:attribute`, a mapping of names to callables."""
    policy_seconds_max: float = Field(1.0, gt=0)
    """For a policy to answer; one that is late says no."""
