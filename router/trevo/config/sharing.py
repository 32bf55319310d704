"""What identical requests in flight share."""

from pydantic import BaseModel, ConfigDict, Field


class Sharing(BaseModel):
    """
    Whether what several ask at the same time is done once (`docs/sharing.md` says what is taken for the same).

    Off unless switched on: a subgraph whose answers depend on more than what it is sent, or are good for one reader
    alone (a fresh nonce, a signed address), must not be shared, and only who runs it knows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    queries: bool = False
    """Whole queries: of the same sender, with the same text, variables and headers that reach subgraphs. Only those
    that ask subgraphs over HTTP alone."""
    fetches: bool = False
    """Requests to subgraphs, whichever operations they are for."""
    subgraphs: dict[str, bool] = Field(default_factory=dict)
    """For one subgraph, by its name, whether anything of it is shared: `{"wallet": false}`. Whoever is not named shares
    what the two above say; to name one as `true` shares its fetches alone."""
    across_addresses: bool = False
    """Whether clients at different addresses may share; subgraphs are told the client's address. Only where no answer
    depends on it."""

    def of(self, subgraph: str) -> bool:
        """Whether fetches of *subgraph* are shared."""
        return self.subgraphs.get(subgraph, self.fetches)
