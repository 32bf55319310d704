"""Distribution's GraphQL schema. Payments come by themselves; staff change its parameters."""

from subgraphs.distribution.api.queries import Query
from subgraphs.distribution.api.types.holdings import CPR, Installment, Investment, QuotaPosition
from subgraphs.distribution.api.types.payout import Distribution, Payout
from subgraphs.distribution.api.types.user import User
from subgraphs.distribution.domain.audit import AUDIT_LOG
from subgraphs.distribution.domain.parameters import PARAMETERS
from subgraphs.distribution.domain.sagas import SAGAS
from subgraphs.shared.graphql.audit import with_audit_log
from subgraphs.shared.graphql.parameters import with_parameter_changes, with_parameters
from subgraphs.shared.graphql.sagas import with_resuming, with_stuck_sagas
from subgraphs.shared.graphql.schema import make_schema

schema = make_schema(
    query=with_stuck_sagas(with_audit_log(with_parameters(Query, PARAMETERS), AUDIT_LOG), SAGAS),
    mutation=with_resuming(with_parameter_changes(None, PARAMETERS), SAGAS),
    types=[User, CPR, Installment, Investment, QuotaPosition, Distribution, Payout],
    money_leaves_by=("approveDistributionParameters",),
)
