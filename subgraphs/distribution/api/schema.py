"""Distribution's GraphQL schema. There is nothing a client may do here: payments come by themselves."""

from subgraphs.distribution.api.queries import Query
from subgraphs.distribution.api.types.holdings import CPR, Installment, Investment, QuotaPosition
from subgraphs.distribution.api.types.payout import Distribution, Payout
from subgraphs.distribution.api.types.user import User
from subgraphs.shared.graphql.schema import make_schema

schema = make_schema(query=Query, types=[User, CPR, Installment, Investment, QuotaPosition, Distribution, Payout])
