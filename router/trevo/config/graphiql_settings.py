"""What the GraphiQL page is about, where it is served."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LogUrl = Annotated[str, Field(pattern=r"^https?://[^\s]*\{trace_id\}[^\s]*$", max_length=2_000)]


class DemoPerson(BaseModel):
    """Somebody whom the page's menu offers to sign in as. Only for people who exist to be tried."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    label: str
    """As the menu shows them."""
    username: str
    password: str


class GraphiQLSettings(BaseModel):
    """What the page is about."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    folder: Path
    """The built page: `index.html` and `assets/`. It may not be there yet."""
    title: str = "GraphiQL"
    """Of the page, in the browser's tab."""
    endpoint: str = "/graphql"
    """Path of the GraphQL endpoint on this server."""
    operations: Path | None = None
    """Folder of `.graphql` files that the page lists as ready operations."""
    hint: str | None = Field(None, max_length=500)
    """A sentence above these, for who opens the page first: where data comes from, whom to ask."""
    progress: Path | None = None
    """Text file that says how the build of *folder* is going, shown while it is not there."""
    token_url: str | None = None
    """An OAuth2 token endpoint with the password grant: a path here, or a URL to which this server passes it on."""
    log_url: LogUrl | None = None
    """Where the log's lines of one request are shown, with `{trace_id}` in the place of its id:
    `https://logs.example.org/search?q={trace_id}`. The page leads there from each answer."""
    people: tuple[DemoPerson, ...] = ()
    """Whom the menu offers to sign in as: `[{"label": "Ana", "username": "ana", "password": "…"}]`."""
