"""How subgraphs are asked over HTTP."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CarrierName = Literal["auto", "library"]


class Carriers(BaseModel):
    """
    By what means requests to subgraphs are carried.

    `auto`: addresses with `http://` by plain HTTP of the router's own, which costs a fraction of the time; all others
    by the library (aiohttp). `library`: by that always. Bounds are the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    all: CarrierName = "auto"
    """For every subgraph: `auto` or `library`."""
    subgraphs: dict[str, CarrierName] = Field(default_factory=dict)
    """For one, by its name: `{"accounts": "library"}`."""

    def of(self, subgraph: str) -> CarrierName:
        """For *subgraph*."""
        return self.subgraphs.get(subgraph, self.all)
