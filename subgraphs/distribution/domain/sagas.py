"""Where distribution waits for the wallet, and what it answers it."""

from sqlalchemy import Text, literal_column, select

from subgraphs.distribution.models import Distribution, Payout
from subgraphs.distribution.schemas import events
from subgraphs.shared.sagas import Answer, Sagas, Wait

_PENDING = literal_column("'PENDING'", Text())

SAGAS = Sagas(
    domain="distribution",
    waits=(
        Wait(
            what="DISTRIBUTION",
            id=Distribution.id,
            since=Distribution.distributed_at,
            while_=Distribution.id.in_(select(Payout.distribution_id).where(Payout.status == _PENDING)),
            asked_by=events.InstallmentDistributed,
            asked_as="distribution_id",
            answers=("wallet.payout_credited.v1",),
        ),
    ),
    awaited=events.AnswerAwaited,
)

ANSWERS = {
    "PAYMENT": Answer(
        to=Distribution.payment_id,
        at=Distribution.distributed_at,
        types=(events.InstallmentDistributed,),
        told_as="payment_id",
    )
}
"""By what the wallet says waits."""
