"""The marketplace's GraphQL schema."""

import strawberry

from subgraphs.marketplace.api.mutations.buy_quotas import buy_quotas
from subgraphs.marketplace.api.mutations.cancel_offering import cancel_offering
from subgraphs.marketplace.api.mutations.extend_offering import extend_offering
from subgraphs.marketplace.api.mutations.invest import invest
from subgraphs.marketplace.api.mutations.offer_quotas import offer_quotas
from subgraphs.marketplace.api.mutations.take_partial_funding import take_partial_funding
from subgraphs.marketplace.api.mutations.withdraw_quota_offer import withdraw_quota_offer
from subgraphs.marketplace.api.queries import Query
from subgraphs.marketplace.api.types.investment import Investment
from subgraphs.marketplace.api.types.offering import CPR, Offering
from subgraphs.marketplace.api.types.secondary import QuotaOffer, QuotaPosition, QuotaPurchase
from subgraphs.marketplace.api.types.user import User
from subgraphs.marketplace.domain.audit import AUDIT_LOG
from subgraphs.marketplace.domain.parameters import PARAMETERS
from subgraphs.marketplace.domain.sagas import SAGAS
from subgraphs.shared.graphql.audit import with_audit_log
from subgraphs.shared.graphql.parameters import with_parameter_changes, with_parameters
from subgraphs.shared.graphql.sagas import with_resuming, with_stuck_sagas
from subgraphs.shared.graphql.schema import make_schema


@strawberry.type
class Mutation:
    invest = invest
    take_partial_funding = take_partial_funding
    extend_offering = extend_offering
    cancel_offering = cancel_offering
    offer_quotas = offer_quotas
    withdraw_quota_offer = withdraw_quota_offer
    buy_quotas = buy_quotas


schema = make_schema(
    query=with_stuck_sagas(with_audit_log(with_parameters(Query, PARAMETERS), AUDIT_LOG), SAGAS),
    mutation=with_resuming(with_parameter_changes(Mutation, PARAMETERS), SAGAS),
    types=[User, CPR, Offering, Investment, QuotaPosition, QuotaOffer, QuotaPurchase],
    money_leaves_by=("invest", "takePartialFunding", "offerQuotas", "buyQuotas", "approveMarketplaceParameters"),
)
