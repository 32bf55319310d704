"""When a subgraph is asked once more."""

from pydantic import BaseModel, ConfigDict, Field


class Retries(BaseModel):
    """
    Whether a query that got no answer is sent once more: the connection was refused or reset before a byte of an answer
    came, or a proxy answered 502 or 503 in the subgraph's place.

    Within the time of its request, on a new connection, to another address of the subgraph's name where there is one.
    Never a mutation, nor a subscription, nor what was answered in any way or was late. Only over HTTP.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    queries: bool = True
    """For every subgraph."""
    subgraphs: dict[str, bool] = Field(default_factory=dict)
    """For one, by its name: `{"accounts": false}`."""
    pause_seconds: float = Field(0.05, ge=0, le=5)
    """Before it is sent again, so much at most and half of it at least, by chance: what was reset in a crowd should not
    come back as one."""

    def of(self, subgraph: str) -> bool:
        """Whether *subgraph* is asked once more."""
        return self.subgraphs.get(subgraph, self.queries)
