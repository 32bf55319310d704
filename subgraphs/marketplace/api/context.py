"""What a resolver of this domain knows about its request."""

import strawberry

from subgraphs.marketplace.core.services import Services
from subgraphs.shared.graphql import context

Context = context.Context[Services]
Info = strawberry.Info[Context, None]
"""The `info` argument of every resolver."""
