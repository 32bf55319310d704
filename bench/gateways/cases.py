"""What is asked of each gateway, and by how many at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import count

STOREFRONT = """
query Storefront {
  people { id handle name ratings { id text item { ...Whole ratings { id text person { ...Rater } } } } }
  items(first: 5) { ...Whole ratings { id text person { ...Rater } } }
}
fragment Whole on Item { sku title price weight inStock freight }
fragment Rater on Person { id handle name ratings { id text item { ...Whole } } }
"""
"""Six requests to four subgraphs in four waves at best, and an answer of 86 KB."""

ONE_FETCH = "{ items(first: 10) { sku title price } }"
TWO_HOPS = "query($first: Int!) { items(first: $first) { sku freight ratings { id } } }"
TYPENAME = "{ __typename }"


class Setting(Enum):
    """How a gateway is started; where one has no such switch, it has no such figure."""

    PLAIN = "one core, nothing shared"
    SHARING = "one core, what is asked twice at the same time is done once"
    TWO_CORES = "two cores, nothing shared"


@dataclass(frozen=True)
class Case:
    name: str
    query: str
    variables: dict[str, int] | None = None
    connections: int = 50
    """Each sends its next request when it has the answer to the one before."""
    setting: Setting = Setting.PLAIN


CASES = (
    Case("__typename", TYPENAME),
    Case("one fetch", ONE_FETCH),
    Case("storefront", STOREFRONT),
    Case("storefront, 1 connection", STOREFRONT, connections=1),
    Case("storefront, 8 connections", STOREFRONT, connections=8),
    Case("storefront, 500 connections", STOREFRONT, connections=500),
    Case("one fetch, shared", ONE_FETCH, setting=Setting.SHARING),
    Case("storefront, shared", STOREFRONT, setting=Setting.SHARING),
    Case("storefront, two cores", STOREFRONT, setting=Setting.TWO_CORES),
    Case("1 entity", TWO_HOPS, {"first": 1}, connections=8),
    Case("10 entities", TWO_HOPS, {"first": 10}, connections=8),
    Case("100 entities", TWO_HOPS, {"first": 100}, connections=8),
    Case("1,000 entities", TWO_HOPS, {"first": 1_000}, connections=8),
)


def new_operations() -> Iterator[str]:
    """Texts of the storefront that no gateway has seen: each names a field as no other does."""
    for number in count():
        yield STOREFRONT.replace("{\n  people {", f"{{\n  people{number}: people {{", 1)
