"""
A CPR that is late is renegotiated.

    propose ── PROPOSED ──▶ answer ── VOTING ──▶ the holders ── CONSENTED ──▶ the wallet ── IN_FORCE
                  │  farmer: no ── REFUSED          └── too few ── REJECTED        └── paid meanwhile ── OVERTAKEN
                  └── no answer ── EXPIRED        └── nobody says who votes ── OVERTAKEN

Staff may withdraw a proposal, and a payment overtakes it, until the holders have consented. A proposal is of one debt,
on one day, by the rules of that day: all who answer it answer the same schedule, to the cent. The marketplace stops the
trade in the CPR's quotas when it hears of it, and then tells who holds them. Whoever reads or writes here has locked
the CPR.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.crud import cprs as rows
from subgraphs.contracts.crud import policies
from subgraphs.contracts.crud import renegotiations as renegotiation_rows
from subgraphs.contracts.domain import refusals
from subgraphs.contracts.domain.audit import WITHDREW_RENEGOTIATION
from subgraphs.contracts.domain.rates import rate_text
from subgraphs.contracts.domain.renegotiation_terms import Debt, Line, Period, debt_of, lines_of
from subgraphs.contracts.domain.schedule import TERM_MONTHS_MAX, Terms, make_schedule, monthly_rate_of
from subgraphs.contracts.models import (
    CPR,
    UNDER_REPAYMENT,
    BusinessDayRule,
    Installment,
    RateConversion,
    RenegotiatedInstallment,
    Renegotiation,
    RenegotiationPolicy,
    RenegotiationStatus,
)
from subgraphs.contracts.schemas import events
from subgraphs.shared import idempotency
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.money import round_half_up
from subgraphs.shared.refusal import InvalidInput
from subgraphs.shared.staff_acts import note_act
from subgraphs.shared.vocabulary import Amortisation

REASON_CHARACTERS_MAX = 500
RATE_PLACES = 6
"""As many as are kept."""


@dataclass(frozen=True, kw_only=True)
class ProposeRenegotiation:
    cpr_id: UUID
    annual_rate: Decimal
    term_months: int
    amortisation: Amortisation
    late_discount: Decimal
    """What part of fine and interest for being late is waived, from 0 to 1."""
    reason: str
    idempotency_key: str

    def __post_init__(self) -> None:
        if not 0 < len(self.reason.strip()) <= REASON_CHARACTERS_MAX:
            raise InvalidInput(
                field="reason",
                reason=f"say why in 1 to {REASON_CHARACTERS_MAX} characters; the farmer and the holders read it",
                reason_pt=f"Diga o motivo em 1 a {REASON_CHARACTERS_MAX} caracteres.",
            )
        exponent = self.annual_rate.normalize().as_tuple().exponent
        if not isinstance(exponent, int) or -exponent > RATE_PLACES:
            raise InvalidInput(
                field="annualRate",
                reason='a rate is a fraction of at most six places: "0.18" is 18 % a year',
                reason_pt="A taxa tem no máximo seis casas decimais.",
            )
        if not 1 <= self.term_months <= TERM_MONTHS_MAX:
            raise InvalidInput(
                field="termMonths", reason="a term is of 1 month or more", reason_pt="O prazo é de 1 mês ou mais."
            )


async def propose(
    session: AsyncSession, command: ProposeRenegotiation, *, actor: Identity, now: datetime
) -> Renegotiation:
    """
    Propose new terms for what is left of a CPR that is late.

    A repeated key answers with the first proposal. Refuses with CPRNotFound, OwnCPR, CPRNotRenegotiable,
    RenegotiationOutsideLimits, InvalidInput (so long a term that an installment would be of nothing) and
    IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "propose_renegotiation",
        actor.user_id,
        command.idempotency_key,
        {name: value for name, value in asdict(command).items() if name != "idempotency_key"},
    )
    renegotiation_id = new_id()
    if earlier_id := await idempotency.claim(session, request, result_id=renegotiation_id, now=now):
        earlier = await renegotiation_rows.find_renegotiation(session, earlier_id)
        assert earlier is not None  # noqa: S101  # committed together with its key
        return earlier
    today = business_date(now)
    policy = await renegotiation_rows.get_policy(session, today)
    cpr = await rows.lock_cpr(session, command.cpr_id)
    if cpr is None:
        raise refusals.CPRNotFound(cpr_id=command.cpr_id)
    if cpr.farmer_id in (actor.user_id, actor.oneself().user_id):
        raise refusals.OwnCPR(cpr_id=cpr.id)
    installments = await rows.list_installments(session, [cpr.id])
    await _require_renegotiable(session, cpr, installments, policy, today=today)
    periods = await periods_of(session, cpr, installments)
    debt = debt_of(cpr, [(row, periods[row.id]) for row in installments if row.is_owed], on=today)
    if not debt.principal_minor:
        raise refusals.CPRNotRenegotiable(reason="NO_PRINCIPAL")
    monthly_rate = await _monthly_rate(session, cpr, command, policy, today=today)
    proposal = Renegotiation(
        id=renegotiation_id,
        cpr_id=cpr.id,
        farmer_id=cpr.farmer_id,
        status=RenegotiationStatus.PROPOSED,
        proposed_by=actor.user_id,
        proposed_at=now,
        reason=command.reason.strip(),
        starts_on=today,
        principal_minor=debt.principal_minor,
        interest_minor=debt.interest_minor,
        late_minor=debt.late_minor,
        waived_minor=round_half_up(debt.late_minor * command.late_discount),
        annual_rate=command.annual_rate,
        monthly_rate=monthly_rate,
        term_months=command.term_months,
        amortisation=command.amortisation,
        payment_count=sum(row.payment_count for row in installments),
        answer_until=now + timedelta(days=policy.answer_days),
        consent_days=policy.consent_days,
        consent_share=policy.consent_share,
        silence=policy.silence,
    )
    lines = _lines(cpr, proposal, debt, after_number=max(row.number for row in installments))
    session.add(proposal)
    await session.flush()
    session.add_all(
        RenegotiatedInstallment(id=new_id(), renegotiation_id=proposal.id, **asdict(line)) for line in lines
    )
    await session.flush()
    proposed = events.RenegotiationProposed(
        renegotiation_id=proposal.id,
        cpr_id=cpr.id,
        farmer_id=cpr.farmer_id,
        answer_until=proposal.answer_until,
        installment_count=len(lines),
        first_due_on=lines[0].due_on,
    )
    outbox.record(session, proposed, occurred_at=now)
    return proposal


async def _require_renegotiable(
    session: AsyncSession, cpr: CPR, installments: Sequence[Installment], policy: RenegotiationPolicy, *, today: date
) -> None:
    if not cpr.is_any_of(*UNDER_REPAYMENT):
        raise refusals.CPRNotRenegotiable(reason="NOT_UNDER_REPAYMENT")
    if not any((today - row.due_on).days >= policy.late_days_min for row in installments if row.is_owed):
        raise refusals.CPRNotRenegotiable(reason="NOT_LATE")
    if await renegotiation_rows.find_open(session, cpr.id):
        raise refusals.CPRNotRenegotiable(reason="UNDER_RENEGOTIATION")


async def _monthly_rate(
    session: AsyncSession, cpr: CPR, command: ProposeRenegotiation, policy: RenegotiationPolicy, *, today: date
) -> Decimal:
    """The monthly rate of the one that is proposed. Refuses with RenegotiationOutsideLimits."""
    before = await renegotiation_rows.find_last_in_force(session, cpr.id) or cpr
    within = (
        command.term_months <= policy.term_months_max
        and min(policy.annual_rate_min, before.annual_rate) <= command.annual_rate <= before.annual_rate
        and 0 <= command.late_discount <= policy.late_discount_max
    )
    if not within:
        raise refusals.RenegotiationOutsideLimits(
            term_months_max=policy.term_months_max,
            annual_rate_min=min(policy.annual_rate_min, before.annual_rate).normalize(),
            annual_rate_max=before.annual_rate.normalize(),
            late_discount_max=policy.late_discount_max.normalize(),
        )
    if command.annual_rate == before.annual_rate:
        return before.monthly_rate
    conversion = RateConversion((await policies.get_policy(session, today)).rate_conversion)
    return monthly_rate_of(command.annual_rate, conversion)


def _lines(cpr: CPR, proposal: Renegotiation, debt: Debt, *, after_number: int) -> list[Line]:
    terms = Terms(
        principal_minor=debt.principal_minor,
        monthly_rate=proposal.monthly_rate,
        term_months=proposal.term_months,
        amortisation=Amortisation(proposal.amortisation),
    )
    rule = BusinessDayRule(cpr.business_day_rule)
    schedule = make_schedule(terms, disbursed_on=proposal.starts_on, rule=rule)
    lines = lines_of(
        schedule.installments,
        carried_minor=proposal.carried_minor,
        carried_late_minor=proposal.carried_late_minor,
        starts_on=proposal.starts_on,
        after_number=after_number,
    )
    if any(line.principal_minor + line.interest_minor <= 0 for line in lines):
        raise InvalidInput(
            field="termMonths",
            reason="so long a term makes installments of nothing; propose a shorter one",
            reason_pt="Um prazo tão longo faria parcelas sem valor. Proponha um prazo menor.",
        )
    return lines


async def periods_of(session: AsyncSession, cpr: CPR, installments: Sequence[Installment]) -> dict[UUID, Period]:
    """For which time each installment's interest is, and at which rate, by its id."""
    assert cpr.disbursed_at is not None  # noqa: S101  # of CPRs under repayment alone
    in_force = await renegotiation_rows.list_in_force(session, [cpr.id])
    by_version = {row.schedule_version: row for row in in_force if row.schedule_version}
    periods: dict[UUID, Period] = {}
    starts = {1: business_date(cpr.disbursed_at)} | {version: row.starts_on for version, row in by_version.items()}
    for row in sorted(installments, key=lambda row: row.number):
        terms = by_version.get(row.schedule_version) or cpr
        months = terms.term_months if terms.amortisation == Amortisation.BULLET else 1
        periods[row.id] = Period(starts_on=starts[row.schedule_version], months=months, monthly_rate=terms.monthly_rate)
        starts[row.schedule_version] = row.due_on
    return periods


@dataclass(frozen=True, kw_only=True)
class AnswerRenegotiation:
    renegotiation_id: UUID
    agrees: bool
    idempotency_key: str


async def answer(
    session: AsyncSession, command: AnswerRenegotiation, *, actor: Identity, now: datetime
) -> Renegotiation:
    """
    The farmer agrees with a proposal, or refuses it. The same answer again changes nothing.

    Refuses with RenegotiationNotFound (also when it is another farmer's), RenegotiationClosed (answered otherwise,
    ended, or out of time) and IdempotencyKeyReused.
    """
    request = idempotency.Request(
        "answer_renegotiation",
        actor.user_id,
        command.idempotency_key,
        {"renegotiation": command.renegotiation_id, "agrees": command.agrees},
    )
    is_repeated = await idempotency.claim(session, request, result_id=command.renegotiation_id, now=now) is not None
    proposal = await lock_renegotiation(session, command.renegotiation_id)
    if proposal is None or proposal.farmer_id != actor.user_id:
        raise refusals.RenegotiationNotFound(renegotiation_id=command.renegotiation_id)
    was_agreed = proposal.status != RenegotiationStatus.REFUSED if proposal.answered_at else None
    if is_repeated or was_agreed is command.agrees:
        return proposal
    if proposal.status != RenegotiationStatus.PROPOSED or proposal.answer_until <= now:
        raise refusals.RenegotiationClosed(renegotiation_status=proposal.status)
    proposal.answered_at = now
    if command.agrees:
        proposal.status = RenegotiationStatus.VOTING
        await open_vote_if_ready(session, proposal, now=now)
    else:
        end(session, proposal, RenegotiationStatus.REFUSED, now=now)
    return proposal


async def withdraw(session: AsyncSession, renegotiation_id: UUID, *, actor: Identity, now: datetime) -> Renegotiation:
    """
    Take back a proposal that the holders have not decided. Doing so again changes nothing.

    Refuses with RenegotiationNotFound and RenegotiationClosed.
    """
    proposal = await lock_renegotiation(session, renegotiation_id)
    if proposal is None:
        raise refusals.RenegotiationNotFound(renegotiation_id=renegotiation_id)
    if proposal.status == RenegotiationStatus.WITHDRAWN:
        return proposal
    if proposal.status not in (RenegotiationStatus.PROPOSED, RenegotiationStatus.VOTING):
        raise refusals.RenegotiationClosed(renegotiation_status=proposal.status)
    end(session, proposal, RenegotiationStatus.WITHDRAWN, now=now)
    note_act(
        session,
        WITHDREW_RENEGOTIATION,
        subject_id=proposal.cpr_id,
        person_id=proposal.farmer_id,
        actor_id=actor.user_id,
        now=now,
    )
    return proposal


async def overtake(session: AsyncSession, cpr: CPR, *, now: datetime) -> None:
    """Something of a locked CPR was paid: what is proposed is of another debt. Once consented, the wallet says so."""
    proposal = await renegotiation_rows.find_open(session, cpr.id)
    if proposal is not None and proposal.status != RenegotiationStatus.CONSENTED:
        end(session, proposal, RenegotiationStatus.OVERTAKEN, now=now)


async def lock_renegotiation(session: AsyncSession, renegotiation_id: UUID) -> Renegotiation | None:
    """A renegotiation with its CPR locked, by which all that concerns one take turns."""
    found = await renegotiation_rows.find_renegotiation(session, renegotiation_id)
    if found is None:
        return None
    await rows.lock_cpr(session, found.cpr_id)
    return await renegotiation_rows.find_renegotiation(session, renegotiation_id)


async def open_vote_if_ready(session: AsyncSession, proposal: Renegotiation, *, now: datetime) -> None:
    """Let the holders vote once the farmer has agreed and all of them are known, whichever comes last."""
    if proposal.status != RenegotiationStatus.VOTING or proposal.quota_count is None or proposal.consent_until:
        return
    votes = (await renegotiation_rows.count_votes(session, [proposal.id])).get(proposal.id)
    if votes is None or votes.on_roll != proposal.quota_count:
        return
    proposal.consent_until = now + timedelta(days=proposal.consent_days)
    opened = events.RenegotiationVoteOpened(
        renegotiation_id=proposal.id,
        cpr_id=proposal.cpr_id,
        farmer_id=proposal.farmer_id,
        consent_until=proposal.consent_until,
        annual_rate=rate_text(proposal.annual_rate),
    )
    outbox.record(session, opened, occurred_at=now)


def end(session: AsyncSession, proposal: Renegotiation, status: RenegotiationStatus, *, now: datetime) -> None:
    """End an open *proposal* otherwise than by a new schedule, and say so: what was held up for it goes on."""
    ended = events.RenegotiationEnded(
        renegotiation_id=proposal.id,
        cpr_id=proposal.cpr_id,
        farmer_id=proposal.farmer_id,
        reason=status.value,
        was_voted_on=proposal.consent_until is not None,
    )
    proposal.status, proposal.ended_at = status, now
    outbox.record(session, ended, occurred_at=now)
