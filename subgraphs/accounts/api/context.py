"""What a resolver of this domain knows about its request."""

import strawberry

from subgraphs.accounts.core.services import AccountsServices
from subgraphs.shared.graphql import context

Context = context.Context[AccountsServices]
Info = strawberry.Info[Context, None]
"""The `info` argument of every resolver."""
