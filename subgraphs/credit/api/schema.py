"""Credit's part of the graph."""

import strawberry

from subgraphs.credit.api.mutations.decide_credit_request import approve_credit_request, reject_credit_request
from subgraphs.credit.api.mutations.request_credit import request_credit
from subgraphs.credit.api.queries import Query
from subgraphs.credit.api.types.activity import Activity
from subgraphs.credit.api.types.cpr import CPR
from subgraphs.credit.api.types.request import CreditRequest
from subgraphs.credit.api.types.score import AgroScore
from subgraphs.credit.api.types.user import User
from subgraphs.credit.domain.audit import AUDIT_LOG
from subgraphs.credit.domain.parameters import PARAMETERS
from subgraphs.shared.graphql.audit import with_audit_log
from subgraphs.shared.graphql.parameters import with_parameter_changes, with_parameters
from subgraphs.shared.graphql.schema import make_schema


@strawberry.type
class Mutation:
    request_credit = request_credit
    approve_credit_request = approve_credit_request
    reject_credit_request = reject_credit_request


schema = make_schema(
    query=with_audit_log(with_parameters(Query, PARAMETERS), AUDIT_LOG),
    mutation=with_parameter_changes(Mutation, PARAMETERS),
    types=[User, CPR, CreditRequest, AgroScore, Activity],
    money_leaves_by=("approveCreditRequest", "approveCreditParameters"),
)
