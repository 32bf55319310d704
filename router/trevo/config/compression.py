"""How much smaller answers and requests may be on their way."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CodingName = Literal["br", "zstd", "gzip"]


class Compression(BaseModel):
    """
    What is compressed (`docs/compression.md`).

    `br` and `zstd` are there where their libraries are (`pip install "trevo[compression]"`); the others are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    answers: tuple[CodingName, ...] = ("zstd", "br", "gzip")
    """By what, for clients that take it; of those that a client likes equally the first here. `[]`: answers go as they
    are."""
    bytes_min: int = Field(1_024, ge=0)
    """Of an answer; a smaller one would hardly gain."""
    events: bool = False
    """Whether event streams are compressed too. Each keeps some 0.3 MB of memory for it as long as it is open."""
    requests: bool = True
    """Whether the bodies of requests may be compressed. What they come to is bounded by `limits.body_bytes_max`."""
