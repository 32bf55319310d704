"""Which extensions the router is served with."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ExtensionName = Annotated[str, Field(pattern=r"^[A-Za-z_][\w.-]*(:[A-Za-z_][\w.]*)?$")]


class ExtensionSettings(BaseModel):
    """Code of others on a request's way, for example `ROUTER_EXTENSIONS__LOAD=["acme.audit:Audit"]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    load: tuple[ExtensionName, ...] = ()
    """In the order in which they are asked: `package.module:attribute`, an extension or what gives one when called; or
    a name that an installed distribution announces under the entry points `trevo.extensions`."""
    seconds_max: float = Field(1.0, gt=0)
    """For one hook of one extension at one request; one that is late has failed."""
    supergraph_seconds_max: float = Field(30.0, gt=0)
    """For all extensions to judge a new supergraph; where they are late, the old one stays."""
