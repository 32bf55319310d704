"""Which refusal of the rules is which type in the graph."""

from subgraphs.marketplace.api.types import refusals as types
from subgraphs.marketplace.domain import refusals
from subgraphs.shared.graphql.refusals import Refusal as RefusalType
from subgraphs.shared.refusal import Refusal

REFUSAL_TYPES: dict[type[Refusal], type[RefusalType]] = {
    refusals.InvestorNotVerified: types.InvestorNotVerified,
    refusals.OfferingNotFound: types.OfferingNotFound,
    refusals.OfferingClosed: types.OfferingClosed,
    refusals.OwnOffering: types.OwnOffering,
    refusals.BelowMinimum: types.BelowMinimum,
    refusals.QuotasUnavailable: types.QuotasUnavailable,
    refusals.BorrowerLimitExceeded: types.BorrowerLimitExceeded,
    refusals.ConcentrationNotConfirmed: types.ConcentrationNotConfirmed,
    refusals.OfferingNotExpired: types.OfferingNotExpired,
    refusals.InvestmentsStillPending: types.InvestmentsStillPending,
    refusals.NothingFunded: types.NothingFunded,
    refusals.ExtensionLimitReached: types.ExtensionLimitReached,
    refusals.PositionNotFound: types.PositionNotFound,
    refusals.CPRNotTraded: types.CPRNotTraded,
    refusals.QuotaOfferNotFound: types.QuotaOfferNotFound,
    refusals.QuotaOfferClosed: types.QuotaOfferClosed,
    refusals.InstallmentPaidMeanwhile: types.InstallmentPaidMeanwhile,
    refusals.OwnQuotas: types.OwnQuotas,
}
