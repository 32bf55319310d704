"""
An investment from the wish to the confirmed position.

    invest ── PENDING ──▶ wallet holds the money ──▶ confirm ── CONFIRMED
                 │                  └── refuses ──▶ refuse ─── REFUSED
                 └── no answer in time ──▶ time_out ────────── REFUSED

    CONFIRMED ──▶ the hold's time runs out ──▶ end_expired ── CANCELLED

Quotas are reserved in the first step, under the offering's row lock, and given back by the two refusing ones. Locks are
always taken in this order: investors by id, offerings by id, investments by id.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.marketplace import models
from subgraphs.marketplace.crud import investments, investors
from subgraphs.marketplace.crud import offerings as offering_rows
from subgraphs.marketplace.domain import offerings, refusals
from subgraphs.marketplace.domain.rules import CONFIRMATION_PHRASE, CONSENTS, Rules, get_rules
from subgraphs.marketplace.models import InvestmentStatus, OfferingStatus
from subgraphs.marketplace.schemas import events, heard
from subgraphs.marketplace.schemas.commands import Invest
from subgraphs.shared import idempotency
from subgraphs.shared.clock import Clock, business_date
from subgraphs.shared.consents import asking
from subgraphs.shared.correlation import Origin
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.reactions import Deliveries, NotYet
from subgraphs.shared.messaging.trace_context import continued_from
from subgraphs.shared.person_kind import PersonKind
from subgraphs.shared.refusal import ConsentRequired, Refusal

HOLD_TIMED_OUT = "HOLD_TIMED_OUT"
"""The reason of an investment that the wallet never answered."""


@dataclass(frozen=True)
class Wish:
    """Somebody's wish to invest."""

    command: Invest
    investor_id: UUID
    origin: Origin = field(default_factory=Origin.here)

    @property
    def request(self) -> idempotency.Request:
        """What its key stands for."""
        content = {"request": self.command.digest()}
        return idempotency.Request("invest", self.investor_id, self.command.idempotency_key, content)


Answer = models.Investment | Refusal


def investing(clock: Clock) -> Callable[[AsyncSession, Sequence[Wish]], Awaitable[Sequence[Answer]]]:
    """`invest` at the time of *clock*."""

    async def invest_now(session: AsyncSession, wishes: Sequence[Wish]) -> Sequence[Answer]:
        return await invest(session, wishes, now=clock.now())

    return invest_now


async def invest(session: AsyncSession, wishes: Sequence[Wish], *, now: datetime) -> Sequence[Answer]:
    """
    Reserve quotas and ask the wallet to hold the money, wish by wish, each of another person.

    The quotas are taken at once, so that nobody else gets them while the wallet works; whether an investment comes
    about is known when the wallet answers. A repeated key has its first answer.

    Refuses with InvestorNotVerified, ConsentRequired, IdempotencyKeyReused, OfferingNotFound, OfferingClosed,
    OwnOffering, BelowMinimum, QuotasUnavailable, BorrowerLimitExceeded, ConcentrationNotConfirmed.
    """
    people = {wish.investor_id for wish in wishes}
    if len(people) < len(wishes):
        raise ValueError("what one person has at stake is seen by one wish at a time")
    verified = await investors.lock_investors(session, people)
    requests = [wish.request for wish in wishes]
    earlier = await idempotency.list_answers(session, requests)
    new = [wish for wish, found in zip(wishes, earlier, strict=True) if found is None]
    desk = await _open_desk(session, new, verified=verified, now=now)
    answers: list[Answer] = []
    for wish, found in zip(wishes, earlier, strict=True):
        if isinstance(found, UUID):
            answers.append(await investments.get_investment(session, found))
        else:
            answers.append(found or _reserve(session, desk, wish, now=now))
    await idempotency.keep_answers(
        session,
        [
            (request, answer.id if isinstance(answer, models.Investment) else answer)
            for request, answer, found in zip(requests, answers, earlier, strict=True)
            if found is None
        ],
        now=now,
    )
    return answers


@dataclass(frozen=True)
class _Desk:
    """What decides about wishes, under the locks of the people and then of the offerings."""

    verified: Collection[UUID]
    """Those whose identity is verified."""
    offerings: Mapping[UUID, models.Offering]
    committed: Mapping[UUID, investors.Committed]
    """By person."""
    missing: Mapping[UUID, ConsentRequired]
    """By person: what they have not agreed to."""
    rules: Rules


async def _open_desk(
    session: AsyncSession, wishes: Sequence[Wish], *, verified: Collection[UUID], now: datetime
) -> _Desk:
    missing = await asking.list_missing(session, verified, CONSENTS, today=business_date(now))
    offerings = await offering_rows.lock_offerings(session, {wish.command.offering_id for wish in wishes})
    rules = await get_rules(session, now=now)
    # After the locks, in a statement of its own: it sees what was committed before them.
    committed = await investors.list_committed(
        session,
        {
            wish.investor_id: (offering.farmer_id, offering.cpr_id)
            for wish in wishes
            if (offering := offerings.get(wish.command.offering_id))
        },
    )
    return _Desk(verified, offerings, committed, missing, rules)


def _reserve(session: AsyncSession, desk: _Desk, wish: Wish, *, now: datetime) -> Answer:
    """An investment for *wish*, or why not; nothing has happened then."""
    try:
        offering = _check(desk, wish, now=now)
    except Refusal as refused:
        return refused
    command = wish.command
    investment = models.Investment(
        id=new_id(),
        offering_id=offering.id,
        cpr_id=offering.cpr_id,
        farmer_id=offering.farmer_id,
        investor_id=wish.investor_id,
        quota_count=command.quota_count,
        amount_minor=command.quota_count * offering.quota_price_minor,
        status=InvestmentStatus.PENDING,
        requested_at=now,
        idempotency_key=command.idempotency_key,
        request_digest=command.digest(),
    )
    offering.reserved_quotas += command.quota_count
    session.add(investment)
    requested = events.InvestmentRequested(
        investment_id=investment.id,
        offering_id=offering.id,
        cpr_id=offering.cpr_id,
        investor_id=wish.investor_id,
        quota_count=investment.quota_count,
        amount_minor=investment.amount_minor,
    )
    with wish.origin.restored():
        outbox.record(session, requested, occurred_at=now)
    return investment


def _check(desk: _Desk, wish: Wish, *, now: datetime) -> models.Offering:
    """The offering, of which the quotas may be reserved."""
    offering, command = desk.offerings.get(wish.command.offering_id), wish.command
    if wish.investor_id not in desk.verified:
        raise refusals.InvestorNotVerified
    if (missing := desk.missing.get(wish.investor_id)) is not None:
        raise missing
    if offering is None:
        raise refusals.OfferingNotFound
    _check_offering(offering, command, investor_id=wish.investor_id, rules=desk.rules, now=now)
    check_limits(
        desk.committed[wish.investor_id],
        amount_minor=command.quota_count * offering.quota_price_minor,
        phrase=command.confirmation_phrase,
        rules=desk.rules,
    )
    return offering


def _check_offering(
    offering: models.Offering, command: Invest, *, investor_id: UUID, rules: Rules, now: datetime
) -> None:
    amount_minor = command.quota_count * offering.quota_price_minor
    if offering.farmer_id == investor_id:
        raise refusals.OwnOffering
    if offering.status != OfferingStatus.OPEN or now >= offering.closes_at:
        expired = OfferingStatus.EXPIRED_WAITING if offering.status == OfferingStatus.OPEN else offering.status
        raise refusals.OfferingClosed(offering_status=expired)
    if amount_minor < rules.investment_min_minor:
        raise refusals.BelowMinimum(minimum_minor=rules.investment_min_minor, requested_minor=amount_minor)
    if command.quota_count > offering.free_quotas:
        raise refusals.QuotasUnavailable(available_quotas=offering.free_quotas, requested_quotas=command.quota_count)


def check_limits(committed: investors.Committed, *, amount_minor: int, phrase: str | None, rules: Rules) -> None:
    """
    The limits that look at all a person has, alike for what they lend and what they buy of others.

    The investor's row lock keeps them true until the commit.
    """
    if committed.borrower_minor + amount_minor > rules.borrower_limit_minor:
        raise refusals.BorrowerLimitExceeded(
            limit_minor=rules.borrower_limit_minor,
            committed_minor=committed.borrower_minor,
            requested_minor=amount_minor,
            remaining_minor=max(rules.borrower_limit_minor - committed.borrower_minor, 0),
        )
    portfolio_minor = committed.portfolio_minor + amount_minor
    in_cpr_minor = committed.cpr_minor + amount_minor
    is_concentrated = (
        portfolio_minor >= rules.concentration_portfolio_minor
        and in_cpr_minor > rules.concentration_share * portfolio_minor
    )
    if is_concentrated and phrase != CONFIRMATION_PHRASE:
        share = (Decimal(in_cpr_minor) / portfolio_minor).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
        raise refusals.ConcentrationNotConfirmed(share=share, phrase=CONFIRMATION_PHRASE)


async def confirm(session: AsyncSession, placed: Deliveries[heard.HoldPlaced], *, now: datetime) -> None:
    """
    The wallet holds the money: the quotas are the investors' from now on.

    If an investment ended before its hold was placed, the wallet is told to give the money back; that is how
    nothing stays held for an investment that is not. Raises NotYet for an investment not known here.
    """
    locked = await _lock_all(session, [each.payload.reference_id for each in placed])
    people = await investors.list_people(session, {investment.investor_id for _, investment in locked.values()})
    last: dict[UUID, tuple[models.Offering, Event]] = {}
    for each in placed:
        offering, investment = locked[each.payload.reference_id]
        with continued_from(each.event):
            if _note_hold(session, investment, each.payload, now=now):
                _confirm(session, offering, investment, person=people[investment.investor_id], now=now)
                last[offering.id] = (offering, each.event)
    for offering, event in last.values():
        with continued_from(event):
            await offerings.note_funding(session, offering, now=now)


def _note_hold(session: AsyncSession, investment: models.Investment, hold: heard.HoldPlaced, *, now: datetime) -> bool:
    """Whether the locked *investment* has waited for this."""
    if investment.hold_id == hold.hold_id:
        return False
    if investment.hold_id is not None or hold.amount_minor != investment.amount_minor:
        raise ValueError(f"hold {hold.hold_id} does not belong to investment {investment.id}")
    investment.hold_id = hold.hold_id
    if investment.status == InvestmentStatus.PENDING:
        return True
    offerings.record_cancellation(session, investment, now=now)
    return False


def _confirm(
    session: AsyncSession,
    offering: models.Offering,
    investment: models.Investment,
    *,
    person: PersonKind,
    now: datetime,
) -> None:
    investment.status = InvestmentStatus.CONFIRMED
    investment.confirmed_at = now
    offering.funded_quotas += investment.quota_count
    session.add(
        models.QuotaPosition(
            id=investment.id,
            investment_id=investment.id,
            offering_id=offering.id,
            cpr_id=offering.cpr_id,
            farmer_id=offering.farmer_id,
            investor_id=investment.investor_id,
            quota_count=investment.quota_count,
            amount_minor=investment.amount_minor,
            valid_from=now,
        )
    )
    confirmed = events.InvestmentConfirmed(
        investment_id=investment.id,
        offering_id=offering.id,
        cpr_id=offering.cpr_id,
        farmer_id=offering.farmer_id,
        investor_id=investment.investor_id,
        quota_count=investment.quota_count,
        amount_minor=investment.amount_minor,
        confirmed_at=now,
        person=person,
    )
    outbox.record(session, confirmed, occurred_at=now)


async def refuse(session: AsyncSession, investment_id: UUID, reason: str, *, now: datetime) -> None:
    """
    The wallet could not hold the money: the quotas are free again.

    Nothing happens to an investment that has ended already. Raises NotYet for one not known here.
    """
    offering, investment = await _lock_both(session, investment_id)
    if investment.status == InvestmentStatus.PENDING:
        offerings.refuse_pending(session, offering, investment, reason=reason, now=now)


async def end_expired(session: AsyncSession, released: heard.HoldReleased, *, now: datetime) -> None:
    """
    The wallet gave a hold back because its time ran out: the quotas are free again.

    Holds outlive offerings by far, so this is the exception; but an investment must not count without its money.
    Raises NotYet before the hold itself is known here, and ValueError for an offering that is funded with it:
    people have to see to that.
    """
    if not await investments.list_offering_ids(session, [released.reference_id]):
        return  # a hold for another purpose
    offering, investment = await _lock_both(session, released.reference_id)
    if investment.status == InvestmentStatus.PENDING:
        raise NotYet(f"the hold of investment {investment.id} is not known here")
    if investment.status != InvestmentStatus.CONFIRMED:
        return
    if offering.status in offerings.FUNDED:
        raise ValueError(f"hold {released.hold_id} expired, but offering {offering.id} is funded with it")
    offerings.end_confirmed(session, offering, investment, now=now)
    await investments.cancel_position(session, investment.id, now)


async def time_out(session: AsyncSession, offering_id: UUID, *, now: datetime) -> int:
    """Refuse the investments of an offering that have waited too long for the wallet's answer; how many."""
    offering = await offering_rows.lock_offering(session, offering_id)
    if offering is None:
        return 0
    rules = await get_rules(session, now=now)
    overdue = await investments.lock_investments(
        session, offering_id, InvestmentStatus.PENDING, requested_before=now - rules.hold_timeout
    )
    for investment in overdue:
        offerings.refuse_pending(session, offering, investment, reason=HOLD_TIMED_OUT, now=now)
    return len(overdue)


async def _lock_both(session: AsyncSession, investment_id: UUID) -> tuple[models.Offering, models.Investment]:
    return (await _lock_all(session, [investment_id]))[investment_id]


async def _lock_all(
    session: AsyncSession, investment_ids: Sequence[UUID]
) -> dict[UUID, tuple[models.Offering, models.Investment]]:
    """Investments with their offerings, by the investment's id."""
    offering_ids = await investments.list_offering_ids(session, investment_ids)
    for investment_id in investment_ids:
        if investment_id not in offering_ids:
            raise NotYet(f"investment {investment_id} is not known here")
    locked = await offering_rows.lock_offerings(session, set(offering_ids.values()))
    return {
        investment.id: (locked[investment.offering_id], investment)
        for investment in await investments.lock_known(session, investment_ids)
    }
