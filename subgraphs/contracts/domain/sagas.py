"""Where contracts waits for the wallet. Providers that stay silent are asked again by a job."""

from datetime import timedelta

from sqlalchemy import func, literal_column, select

from subgraphs.contracts.models import Renegotiation, RenegotiationVoter
from subgraphs.contracts.schemas import events
from subgraphs.shared.sagas import Sagas, Wait

_LAST_VOTE = (
    select(func.max(RenegotiationVoter.voted_at))
    .where(RenegotiationVoter.renegotiation_id == Renegotiation.id)
    .scalar_subquery()
)
DECIDED_WITHIN = timedelta(days=30)
"""After the last vote, or the farmer's word where nobody votes: when the holders' time is over."""

SAGAS = Sagas(
    domain="contracts",
    waits=(
        Wait(
            what="RENEGOTIATION",
            id=Renegotiation.id,
            since=func.coalesce(_LAST_VOTE, Renegotiation.answered_at),
            while_=Renegotiation.status == literal_column("'CONSENTED'"),
            asked_by=events.ScheduleAgreed,
            asked_as="renegotiation_id",
            asked_within=DECIDED_WITHIN,
            answers=("wallet.schedule_replaced.v1", "wallet.schedule_kept.v1"),
        ),
    ),
    awaited=events.AnswerAwaited,
)
