"""
What the schema says of cost (`@cost`, `@listSize`), where the defaults would be wrong.

The directives stand in the schema that everybody composes, so any router that knows them counts alike.
"""

from strawberry.federation.schema_directives import Cost, ListSize

from subgraphs.shared.graphql.paging import FIRST_DEFAULT

PAGED = ListSize(
    assumed_size=FIRST_DEFAULT,
    slicing_arguments=["first"],
    sized_fields=["nodes"],
    require_one_slicing_argument=False,
)
"""A field that takes `first` and answers a page."""

ONCE = Cost(weight=5_000)
"""
A field that hashes a password, tries a code, sends a message, takes up files or asks a bank: one in a request, not two.

More than half of what a request may cost, so that the second is refused before the first is run, by every router that
counts cost and by the subgraph itself.
"""

TEXT = Cost(weight=10)
"""A long text that is written or hashed when it is asked for."""

RECKONED = Cost(weight=10)
"""An amount that is reckoned from a whole schedule when it is asked for."""

IMAGE = Cost(weight=50)
"""An image that is drawn when it is asked for."""


def sized(size: int) -> ListSize:
    """A list without pages, usually of *size* items or fewer."""
    # What is left out of the directive's arguments stays out of the SDL; null would not fit their types.
    return ListSize(assumed_size=size, require_one_slicing_argument=False)  # type: ignore[call-arg]
