"""Whose payouts the asker may see."""

from collections.abc import Iterable
from uuid import UUID

from subgraphs.shared.graphql.context import Context
from subgraphs.shared.scopes import Sight


def seen_as(context: Context) -> UUID | None:
    """The investor to whose parts the asker is limited, maybe nobody; None for the staff who see all."""
    return None if context.sees_all(Sight.INCOME) else context.identity.as_owner(Sight.INCOME)


def note_looks(context: Context, investor_ids: Iterable[UUID]) -> None:
    """Note whose parts the asker is shown, where they are not their own."""
    for investor_id in investor_ids:
        context.may_see(investor_id, Sight.INCOME)
