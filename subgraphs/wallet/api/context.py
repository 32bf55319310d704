"""What a resolver of this domain knows about its request."""

import strawberry

from subgraphs.shared.graphql import context
from subgraphs.wallet.core.services import Services

Context = context.Context[Services]
Info = strawberry.Info[Context, None]
"""The `info` argument of every resolver."""
