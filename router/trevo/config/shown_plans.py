"""Who is shown how an operation was answered (`docs/plans-in-answers.md`)."""

from pydantic import BaseModel, ConfigDict, Field


class ShownPlans(BaseModel):
    """
    Who may see the plan of an operation in its answer, with what each request to a subgraph took, and have an operation
    explained on GraphiQL's page. For example `ROUTER_SHOWN_PLANS__ROLES=["engineer"]`.

    A plan names subgraphs and what they are asked, also what the public schema does not have. Nobody, unless set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    to_everybody: bool = False
    """For development."""
    scopes: frozenset[str] = frozenset()
    """Whose token has one of these."""
    roles: frozenset[str] = frozenset()
    """Whose token has one of these, as *roles_claim* has them."""
    roles_claim: str = Field("roles", min_length=1)
    """The claim of a token that holds its roles: words between spaces, or a list."""

    @property
    def are_shown(self) -> bool:
        """Whether there is anybody who may see them."""
        return self.to_everybody or bool(self.scopes or self.roles)
