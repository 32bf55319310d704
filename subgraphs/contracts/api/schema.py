"""Contracts' part of the graph."""

import strawberry

from subgraphs.contracts.api.errors import REFUSAL_TYPES
from subgraphs.contracts.api.messages import MESSAGES
from subgraphs.contracts.api.mutations.sign_cpr import sign_cpr
from subgraphs.contracts.api.queries import Query
from subgraphs.contracts.api.types.cpr import CPR
from subgraphs.contracts.api.types.credit_request import CreditRequest
from subgraphs.contracts.api.types.installment import Installment
from subgraphs.contracts.api.types.user import User
from subgraphs.shared.graphql.schema import make_schema


@strawberry.type
class Mutation:
    sign_cpr = sign_cpr


schema = make_schema(
    query=Query,
    mutation=Mutation,
    types=[User, CPR, Installment, CreditRequest],
    refusal_types=REFUSAL_TYPES,
    refusal_messages=MESSAGES,
    money_leaves_by=("signCPR",),
)
