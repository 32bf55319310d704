"""Where the marketplace waits for the wallet."""

from sqlalchemy import Text, and_, literal_column

from subgraphs.marketplace.domain.offerings import FUNDED
from subgraphs.marketplace.models import Investment, Offering, QuotaPurchase
from subgraphs.marketplace.schemas import events
from subgraphs.shared.sagas import Sagas, Wait

# With the status as a value of its own the planner would not see that an index has all that waits.
_PENDING = literal_column("'PENDING'", Text())

SAGAS = Sagas(
    domain="marketplace",
    waits=(
        Wait(
            what="INVESTMENT",
            id=Investment.id,
            since=Investment.requested_at,
            while_=Investment.status == _PENDING,
            asked_by=events.InvestmentRequested,
            asked_as="investment_id",
            answers=("wallet.hold_placed.v1", "wallet.hold_refused.v1"),
        ),
        Wait(
            what="QUOTA_PURCHASE",
            id=QuotaPurchase.id,
            since=QuotaPurchase.requested_at,
            while_=QuotaPurchase.status == _PENDING,
            asked_by=events.QuotasWanted,
            asked_as="purchase_id",
            answers=("wallet.quotas_swapped.v1", "wallet.quota_swap_refused.v1"),
        ),
        Wait(
            what="DISBURSEMENT",
            id=Offering.cpr_id,
            since=Offering.funded_at,
            # One whose CPR was cancelled meanwhile waits for nothing any more.
            while_=and_(Offering.funded_at.is_not(None), Offering.disbursed_at.is_(None), Offering.status.in_(FUNDED)),
            asked_by=events.OfferingFunded,
            asked_as="cpr_id",
            answers=("wallet.cpr_disbursed.v1",),
        ),
    ),
    awaited=events.AnswerAwaited,
)
