"""Whose payouts the asker may see."""

from uuid import UUID

from subgraphs.shared.graphql.context import Context


def seen_as(context: Context) -> UUID | None:
    """The investor to whose parts the asker is limited; None for staff, who see all."""
    return None if context.is_staff else context.identity.user_id
