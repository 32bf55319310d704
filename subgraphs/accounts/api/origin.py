"""Where a GraphQL request came from."""

from subgraphs.accounts.api.context import Context
from subgraphs.accounts.schemas.commands import Origin


def origin_of(context: Context) -> Origin:
    return Origin(address=context.remote_address, user_agent=context.user_agent)
