"""Where the wallet waits for distribution, and what it answers. Orders to the gateway are asked about by jobs."""

from datetime import timedelta

from sqlalchemy import exists

from subgraphs.shared.sagas import Answer, Sagas, Wait
from subgraphs.wallet.models import (
    INVESTMENT,
    Disbursement,
    DistributionPart,
    HoldRequest,
    InstallmentPayment,
    ScheduleReplacement,
    SwapRequest,
)
from subgraphs.wallet.schemas import events

LOOKED_BACK = timedelta(days=30)
"""What waits longer has its account named by the books; and what was asked is not kept for longer."""

SAGAS = Sagas(
    domain="wallet",
    waits=(
        Wait(
            what="PAYMENT",
            id=InstallmentPayment.id,
            since=InstallmentPayment.confirmed_at,
            while_=~exists().where(DistributionPart.payment_id == InstallmentPayment.id),
            looked_back=LOOKED_BACK,
            asked_by=events.PaymentConfirmed,
            asked_as="payment_id",
            answers=("distribution.installment_distributed.v1",),
        ),
    ),
    awaited=events.AnswerAwaited,
)

ANSWERS = {
    "INVESTMENT": Answer(
        to=HoldRequest.reference_id,
        at=HoldRequest.decided_at,
        only=HoldRequest.purpose == INVESTMENT,
        types=(events.HoldPlaced, events.HoldRefused),
        told_as="reference_id",
    ),
    "QUOTA_PURCHASE": Answer(
        to=SwapRequest.purchase_id,
        at=SwapRequest.decided_at,
        types=(events.QuotasSwapped, events.QuotaSwapRefused),
        told_as="purchase_id",
    ),
    "DISBURSEMENT": Answer(
        to=Disbursement.cpr_id, at=Disbursement.disbursed_at, types=(events.CPRDisbursed,), told_as="cpr_id"
    ),
    "DISTRIBUTION": Answer(
        to=DistributionPart.distribution_id,
        at=DistributionPart.credited_at,
        types=(events.PayoutCredited,),
        told_as="distribution_id",
    ),
    "RENEGOTIATION": Answer(
        to=ScheduleReplacement.renegotiation_id,
        at=ScheduleReplacement.decided_at,
        types=(events.ScheduleReplaced, events.ScheduleKept),
        told_as="renegotiation_id",
    ),
}
"""By what others say waits."""
