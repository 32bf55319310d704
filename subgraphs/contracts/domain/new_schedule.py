"""
What was agreed comes into force, or does not: the wallet decides, for it knows first what was paid.

The installments that were proposed become the CPR's, under the ids they were proposed with; those that were owed are
replaced, and stay readable as they were.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import renegotiations as renegotiation_rows
from subgraphs.contracts.domain.consent import lines_told
from subgraphs.contracts.domain.lateness import recover_if_paid_up
from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.domain.renegotiations import end, lock_renegotiation
from subgraphs.contracts.models import Installment, InstallmentStatus, Renegotiation, RenegotiationStatus
from subgraphs.contracts.schemas import events, heard
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet


async def put_in_force(session: AsyncSession, replaced: heard.ScheduleReplaced, *, now: datetime) -> None:
    """
    Put the agreed schedule in the place of the old one, as the wallet has. Told twice, the first holds.

    Raises NotYet for a renegotiation that the holders have not decided as far as we know.
    """
    proposal = await _await_consented(session, replaced.renegotiation_id)
    if proposal.status != RenegotiationStatus.CONSENTED:
        return
    cpr = await rows.find_cpr(session, proposal.cpr_id)
    assert cpr is not None  # noqa: S101  # the foreign key says so
    before = await rows.lock_installments(session, cpr.id)
    ended = sorted((row for row in before if row.is_owed), key=lambda row: row.number)
    for row in ended:
        row.status = InstallmentStatus.REPLACED
    version = max(row.schedule_version for row in before) + 1
    lines = await renegotiation_rows.list_lines(session, [proposal.id])
    session.add_all(
        Installment(
            id=line.id,
            cpr_id=cpr.id,
            number=line.number,
            due_on=line.due_on,
            principal_minor=line.principal_minor,
            interest_minor=line.interest_minor,
            status=InstallmentStatus.SCHEDULED,
            settled_minor=0,
            payment_count=0,
            charged_days=0,
            late_left_minor=0,
            schedule_version=version,
            carried_minor=line.carried_minor,
            carried_late_minor=line.carried_late_minor,
        )
        for line in lines
    )
    proposal.status, proposal.ended_at = RenegotiationStatus.IN_FORCE, replaced.replaced_at
    proposal.schedule_version = version
    renegotiated = events.CPRRenegotiated(
        renegotiation_id=proposal.id,
        cpr_id=cpr.id,
        farmer_id=cpr.farmer_id,
        schedule_version=version,
        annual_rate=rate_text(proposal.annual_rate),
        installment_count=len(lines),
        first_due_on=lines[0].due_on,
        replaced_installment_ids=tuple(row.id for row in ended),
        installments=lines_told(proposal, lines),
    )
    outbox.record(session, renegotiated, occurred_at=now)
    await session.flush()
    await recover_if_paid_up(session, cpr, await rows.lock_installments(session, cpr.id), now=now)


async def keep_old(session: AsyncSession, kept: heard.ScheduleKept, *, now: datetime) -> None:
    """The wallet has replaced nothing and never will. Raises NotYet as above."""
    proposal = await _await_consented(session, kept.renegotiation_id)
    if proposal.status == RenegotiationStatus.CONSENTED:
        end(session, proposal, RenegotiationStatus.OVERTAKEN, now=now)


async def _await_consented(session: AsyncSession, renegotiation_id: UUID) -> Renegotiation:
    proposal = await lock_renegotiation(session, renegotiation_id)
    if proposal is None or proposal.status in (RenegotiationStatus.PROPOSED, RenegotiationStatus.VOTING):
        raise NotYet(f"that the holders consent to renegotiation {renegotiation_id} is not known")
    return proposal
