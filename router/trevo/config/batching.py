"""Whether several operations may come as one request."""

from pydantic import BaseModel, ConfigDict, Field


class Batching(BaseModel):
    """
    Batches: a POST whose body is an array of requests, answered by an array in the same order (`docs/batching.md`).

    Off unless switched on: one operation with several root fields is planned as a whole, and does the same with less.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    enabled: bool = False
    """Off: a batch is refused (`BATCHING_NOT_SUPPORTED`)."""
    operations_max: int = Field(10, gt=0, le=100)
    """In one batch (`BATCH_TOO_LARGE`)."""
