"""The holders of a CPR's quotas decide about a renegotiation: each votes once, with what they held when it was made."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.core.services import Services
from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import renegotiations as renegotiation_rows
from subgraphs.contracts.domain import refusals
from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.domain.renegotiation_terms import Tally, outcome_of
from subgraphs.contracts.domain.renegotiations import end, lock_renegotiation, open_vote_if_ready
from subgraphs.contracts.models import RenegotiatedInstallment, Renegotiation, RenegotiationStatus, Silence
from subgraphs.contracts.schemas import events, heard
from subgraphs.shared import idempotency
from subgraphs.shared.clock import BRASILIA
from subgraphs.shared.identity import Identity
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.reactions import NotYet
from subgraphs.shared.people import Person
from subgraphs.shared.vocabulary import Amortisation


async def find_related(services: Services, told: heard.QuotaRollTold) -> Collection[UUID]:
    """
    Who is of one interest with the borrower of a CPR whose holders are told. Raises PeopleUnavailable.

    Raises NotYet for a renegotiation that we do not know: it is our own fact, and committed a moment later.
    """
    async with services.database.read() as session:
        found = await renegotiation_rows.list_renegotiations(session, [told.renegotiation_id])
    if not found:
        raise NotYet(f"renegotiation {told.renegotiation_id} is not known")
    farmer_id = found[0].farmer_id
    farmer = (await services.people.find([farmer_id])).get(farmer_id, Person())
    return {farmer_id, *farmer.related}


async def take_roll(
    session: AsyncSession, told: heard.QuotaRollTold, *, related: Collection[UUID], now: datetime
) -> None:
    """
    Note who holds the CPR's quotas, a part of them at a time; nobody trades these any more.

    Those *related* to the borrower do not vote, and their quotas do not count. Raises NotYet for a renegotiation that
    we do not know.
    """
    proposal = await lock_renegotiation(session, told.renegotiation_id)
    if proposal is None:
        raise NotYet(f"renegotiation {told.renegotiation_id} is not known")
    if not proposal.is_open:
        return
    proposal.quota_count = told.quota_count
    await renegotiation_rows.add_voters(
        session,
        [
            {
                "renegotiation_id": proposal.id,
                "investor_id": holder.investor_id,
                "quota_count": holder.quota_count,
                "is_related": holder.investor_id in related,
            }
            for holder in told.holders
        ],
    )
    await open_vote_if_ready(session, proposal, now=now)


@dataclass(frozen=True, kw_only=True)
class VoteOnRenegotiation:
    renegotiation_id: UUID
    consents: bool
    idempotency_key: str


async def vote(session: AsyncSession, command: VoteOnRenegotiation, *, actor: Identity, now: datetime) -> Renegotiation:
    """
    A holder consents to a renegotiation, or refuses. The same vote again changes nothing.

    Refuses with RenegotiationNotFound (also for who held nothing when it was proposed), RenegotiationClosed (the
    farmer has not agreed yet, or it is decided, or out of time), AlreadyVoted (otherwise), RelatedToBorrower and
    IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "vote_on_renegotiation",
        actor.user_id,
        command.idempotency_key,
        {"renegotiation": command.renegotiation_id, "consents": command.consents},
    )
    await idempotency.claim(session, request, result_id=command.renegotiation_id, now=now)
    proposal = await lock_renegotiation(session, command.renegotiation_id)
    voter = await renegotiation_rows.lock_voter(session, command.renegotiation_id, actor.user_id)
    if proposal is None or voter is None:
        raise refusals.RenegotiationNotFound(renegotiation_id=command.renegotiation_id)
    if voter.is_related:
        raise refusals.RelatedToBorrower(renegotiation_id=command.renegotiation_id)
    if voter.consents is not None:
        if voter.consents is command.consents:
            return proposal
        raise refusals.AlreadyVoted(consents=voter.consents)
    until = proposal.consent_until
    if proposal.status != RenegotiationStatus.VOTING or until is None or until <= now:
        raise refusals.RenegotiationClosed(renegotiation_status=proposal.status)
    voter.consents, voter.voted_at = command.consents, now
    await session.flush()
    await _decide(session, proposal, now=now)
    return proposal


async def close_if_over(session: AsyncSession, renegotiation_id: UUID, *, now: datetime) -> None:
    """
    End what the farmer did not answer in time, and decide what the holders have had their time for.

    Holders of whom we are never told, all of them, have no say: the proposal ends as out of time.
    """
    proposal = await lock_renegotiation(session, renegotiation_id)
    if proposal is None:
        return
    if proposal.status == RenegotiationStatus.PROPOSED and proposal.answer_until <= now:
        end(session, proposal, RenegotiationStatus.EXPIRED, now=now)
    elif proposal.status == RenegotiationStatus.VOTING and proposal.voted_until and proposal.voted_until <= now:
        if proposal.consent_until is None:
            end(session, proposal, RenegotiationStatus.OVERTAKEN, now=now)
        else:
            await _decide(session, proposal, now=now)


async def _decide(session: AsyncSession, proposal: Renegotiation, *, now: datetime) -> None:
    assert proposal.consent_until is not None  # noqa: S101  # it is voted on
    votes = (await renegotiation_rows.count_votes(session, [proposal.id]))[proposal.id]
    has_consent = outcome_of(
        Tally(quota_count=votes.entitled, consenting=votes.consenting, refusing=votes.refusing),
        share=proposal.consent_share,
        silence=Silence(proposal.silence),
        is_over=proposal.consent_until <= now,
    )
    if has_consent is None:
        return
    if not has_consent:
        end(session, proposal, RenegotiationStatus.REJECTED, now=now)
        return
    proposal.status = RenegotiationStatus.CONSENTED
    outbox.record(session, await _agreed(session, proposal), occurred_at=now)


async def _agreed(session: AsyncSession, proposal: Renegotiation) -> events.ScheduleAgreed:
    """What the wallet needs to put the new schedule in the place of the old one."""
    cpr = await rows.find_cpr(session, proposal.cpr_id)
    assert cpr is not None  # noqa: S101  # the foreign key says so
    lines = await renegotiation_rows.list_lines(session, [proposal.id])
    return events.ScheduleAgreed(
        renegotiation_id=proposal.id,
        cpr_id=proposal.cpr_id,
        farmer_id=proposal.farmer_id,
        payment_count=proposal.payment_count,
        good_until=datetime.combine(lines[0].due_on, time.min, tzinfo=BRASILIA),
        late_fine_rate=rate_text(cpr.late_fine_rate),
        late_monthly_rate=rate_text(cpr.late_monthly_rate),
        monthly_rate=rate_text(proposal.monthly_rate),
        installments=lines_told(proposal, lines),
    )


def lines_told(
    proposal: Renegotiation, lines: Sequence[RenegotiatedInstallment]
) -> tuple[events.RenegotiatedInstallment, ...]:
    """The new installments as others are told of them."""
    months = proposal.term_months if proposal.amortisation == Amortisation.BULLET else 1
    return tuple(
        events.RenegotiatedInstallment(
            installment_id=line.id,
            number=line.number,
            due_on=line.due_on,
            starts_on=line.starts_on,
            months=months,
            principal_minor=line.principal_minor,
            interest_minor=line.interest_minor,
            carried_minor=line.carried_minor,
            carried_late_minor=line.carried_late_minor,
            amount_minor=line.amount_minor,
        )
        for line in lines
    )
