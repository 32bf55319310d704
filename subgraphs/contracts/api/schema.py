"""Contracts' part of the graph."""

import strawberry

from subgraphs.contracts.api.mutations.answer_renegotiation import answer_renegotiation
from subgraphs.contracts.api.mutations.propose_renegotiation import propose_renegotiation
from subgraphs.contracts.api.mutations.record_collection_step import record_collection_step
from subgraphs.contracts.api.mutations.sign_cpr import sign_cpr
from subgraphs.contracts.api.mutations.vote_on_renegotiation import vote_on_renegotiation
from subgraphs.contracts.api.mutations.withdraw_renegotiation import withdraw_renegotiation
from subgraphs.contracts.api.queries import Query
from subgraphs.contracts.api.types.activity import LateInstallment, ReceivedPayment
from subgraphs.contracts.api.types.cpr import CPR
from subgraphs.contracts.api.types.credit_request import CreditRequest
from subgraphs.contracts.api.types.installment import Installment
from subgraphs.contracts.api.types.renegotiation import Renegotiation
from subgraphs.contracts.api.types.user import User
from subgraphs.contracts.domain.audit import AUDIT_LOG
from subgraphs.contracts.domain.parameters import PARAMETERS
from subgraphs.contracts.domain.sagas import SAGAS
from subgraphs.shared.graphql.audit import with_audit_log
from subgraphs.shared.graphql.parameters import with_parameter_changes, with_parameters
from subgraphs.shared.graphql.sagas import with_resuming, with_stuck_sagas
from subgraphs.shared.graphql.schema import make_schema


@strawberry.type
class Mutation:
    sign_cpr = sign_cpr
    propose_renegotiation = propose_renegotiation
    withdraw_renegotiation = withdraw_renegotiation
    answer_renegotiation = answer_renegotiation
    vote_on_renegotiation = vote_on_renegotiation
    record_collection_step = record_collection_step


schema = make_schema(
    query=with_stuck_sagas(with_audit_log(with_parameters(Query, PARAMETERS), AUDIT_LOG), SAGAS),
    mutation=with_resuming(with_parameter_changes(Mutation, PARAMETERS), SAGAS),
    types=[User, CPR, Installment, Renegotiation, ReceivedPayment, LateInstallment, CreditRequest],
    money_leaves_by=(
        "signCPR",
        "proposeRenegotiation",
        "answerRenegotiation",
        "voteOnRenegotiation",
        "approveContractsParameters",
    ),
)
