"""How often people may ask: settings, with bounds that nobody meets who uses screens."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from trevo.door.rates import Rate


def _checked(text: str) -> str:
    Rate.parse(text)
    return text


RateText = Annotated[str, AfterValidator(_checked)]
"""`10/minute`, or `600/minute burst 100`."""


class Rates(BaseModel):
    """
    The rates. Set one by `ROUTER_RATES__<NAME>`, for example `ROUTER_RATES__PERSON='600/minute burst 50'`.

    Each operation counts once, whether it is a whole HTTP request or one message of a web socket.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    enabled: bool = True
    """Off: nobody is counted."""
    person: RateText = "1200/minute burst 200"
    """Operations of one signed-in person."""
    address: RateText = "1200/minute burst 100"
    """Operations without a token from one address of IPv4, behind which a whole town may be."""
    address_ipv6: RateText = "600/minute burst 60"
    """The same from one network of IPv6 (/64), which is one subscriber's."""
    root_fields: dict[str, RateText] = Field(default_factory=dict)
    """Of one person, or one address, and one root field by its coordinates: `{"Mutation.signIn": "30/minute"}`. Each
    alias counts."""
    store_url: SecretStr | None = None
    """A Redis or Valkey in which all replicas count together: `redis://…`, `rediss://…`, `unix://…`. None: each counts
    for itself, and does so too while the store is away."""
    store_seconds_max: float = Field(0.2, gt=0)
    """For the store to answer; a slower one counts as away."""
    remembered_max: int = Field(100_000, gt=0)
    """Buckets that one replica remembers by itself. One that is forgotten begins full."""
