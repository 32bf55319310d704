"""
Holds: money set aside for a purpose, still the owner's.

    available ──place──▶ held ──capture──▶ where the purpose wants it
        ▲                 │
        └──release────────┘

A hold ends exactly once. A request is decided exactly once, by whoever records the decision first: so neither
repetition nor reordering of messages sets money aside twice, or for something that was called off before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.ids import new_id
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.shared.messaging.event import Event
from subgraphs.shared.messaging.trace_context import continued_from
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import chart, ledger, wallets
from subgraphs.wallet.models import HoldDecision, HoldStatus, OfferingStatus, TransferKind
from subgraphs.wallet.schemas import events

EXPIRED_AT_ONCE = 200
"""Holds that one run of the expiry job ends in one transaction; the next run takes the next ones."""


@dataclass(frozen=True, kw_only=True)
class PlaceHold:
    """A request to set money aside."""

    cause: Event
    """What tells of it."""
    purpose: str
    reference_id: UUID
    offering_id: UUID
    user_id: UUID
    quota_count: int
    amount_minor: int


class DecidedBefore(Exception):
    """One of several requests has its answer."""


async def place_holds(
    session: AsyncSession, requests: Sequence[PlaceHold], *, now: datetime, days_max: int
) -> Sequence[models.Hold]:
    """
    Set aside wallets' available money, request by request in this order; the holds, without what is refused.

    The money stays the owner's: it moves from the wallet's available account to its held account, so a hold is an
    ordinary transfer and its release another. The accounts are locked first; otherwise two holds could see the same
    balance. The answers leave as events: `hold_placed` or `hold_refused`. A request that was decided before has its
    answer.

    Raises NotYet while an owner has no wallet, and DecidedBefore for several of which one was: they take effect one by
    one, as what that one would have taken is there for those after it.
    """
    offerings = await crud.holds.share_offerings(session, {request.offering_id for request in requests})
    wallets_of = await wallets.await_wallets(session, {request.user_id for request in requests})
    accounts = [account for it in wallets_of.values() for account in (it.available_id, it.held_id)]
    available = await ledger.lock_balances(session, accounts)
    answers = []
    for request in requests:
        account_id = wallets_of[request.user_id].available_id
        reason = _reason_against(request, offerings[request.offering_id], available[account_id])
        hold_id = None if reason else new_id()
        answers.append(_Answer(request, available[account_id], reason, hold_id))
        available[account_id] -= 0 if reason else request.amount_minor
    decided = await crud.holds.decide_requests(session, *(answer.decision for answer in answers), at=now)
    if decided < len(answers):
        if len(answers) > 1:
            raise DecidedBefore
        return []
    placed = [
        _hold(answer, wallets_of[answer.request.user_id], now=now, days_max=days_max)
        for answer in answers
        if answer.hold_id
    ]
    session.add_all(placed)
    for answer in answers:
        with continued_from(answer.request.cause):
            outbox.record(session, answer.event, occurred_at=now)
    if placed:
        await ledger.post(session, *(_hold_transfer(hold) for hold in placed), now=now)
    return placed


@dataclass(frozen=True, slots=True)
class _Answer:
    request: PlaceHold
    available_minor: int
    """Before it."""
    reason: str | None
    """Why it is refused."""
    hold_id: UUID | None

    @property
    def decision(self) -> crud.holds.Decision:
        decision = HoldDecision.REFUSED if self.reason else HoldDecision.PLACED
        return crud.holds.Decision(self.request.purpose, self.request.reference_id, decision, self.hold_id)

    @property
    def event(self) -> events.HoldPlaced | events.HoldRefused:
        request = self.request
        asked = {
            "purpose": request.purpose,
            "reference_id": request.reference_id,
            "user_id": request.user_id,
            "amount_minor": request.amount_minor,
        }
        if self.hold_id:
            return events.HoldPlaced.model_validate({"hold_id": self.hold_id, **asked})
        refused = {"available_minor": self.available_minor, "reason": self.reason}
        return events.HoldRefused.model_validate({**asked, **refused})


def _hold(answer: _Answer, wallet: models.Wallet, *, now: datetime, days_max: int) -> models.Hold:
    request = answer.request
    return models.Hold(
        id=answer.hold_id,
        purpose=request.purpose,
        reference_id=request.reference_id,
        offering_id=request.offering_id,
        user_id=request.user_id,
        wallet_id=wallet.id,
        quota_count=request.quota_count,
        amount_minor=request.amount_minor,
        status=HoldStatus.ACTIVE,
        captured_minor=0,
        placed_at=now,
        expires_at=now + timedelta(days=days_max),
    )


def _reason_against(request: PlaceHold, offering: models.OfferingFunding, available: int) -> str | None:
    if offering.status is not OfferingStatus.OPEN:
        return "OFFERING_CLOSED"
    return "INSUFFICIENT_FUNDS" if available < request.amount_minor else None


async def cancel_request(session: AsyncSession, *, purpose: str, reference_id: UUID, now: datetime) -> None:
    """
    Call off a request for a hold, whether it has arrived, was placed, or is still on its way.

    The decision is recorded if there is none, so that a request which was overtaken finds it; a hold that was placed
    is released, unless it has ended already.
    """
    cancelled = crud.holds.Decision(purpose, reference_id, HoldDecision.CANCELLED)
    if await crud.holds.decide_requests(session, cancelled, at=now):
        return
    request = await crud.holds.get_request(session, purpose, reference_id)
    if request.hold_id is not None:
        await release_hold(session, request.hold_id, now=now)


async def release_hold(session: AsyncSession, hold_id: UUID, *, now: datetime) -> bool:
    """Give the money of an active hold back; False when it has ended already."""
    hold = await crud.holds.lock_hold(session, hold_id)
    if hold is None or hold.status is not HoldStatus.ACTIVE:
        return False
    await _give_back(session, [hold], status=HoldStatus.RELEASED, now=now)
    return True


async def release_holds_of(session: AsyncSession, offering_id: UUID, *, now: datetime) -> int:
    """
    Give back all holds of an offering that is cancelled; none will be placed for it afterwards.

    Answers how many. Raises ValueError if the offering's money has gone to the farmer: that cannot be called off.
    """
    offering = await crud.holds.lock_offering(session, offering_id)
    if offering.status is OfferingStatus.DISBURSED:
        raise ValueError(f"offering {offering_id} was disbursed and cannot be cancelled")
    offering.status, offering.decided_at = OfferingStatus.CANCELLED, offering.decided_at or now
    active = await crud.holds.lock_active_holds(session, offering_id)
    await _give_back(session, active, status=HoldStatus.RELEASED, now=now)
    return len(active)


async def expire_holds(session: AsyncSession, *, now: datetime) -> int:
    """Give back holds that nobody has ended in their time; answers how many, `EXPIRED_AT_ONCE` at most."""
    expired = await crud.holds.lock_expired_holds(session, now=now, limit=EXPIRED_AT_ONCE)

    async def give_back(some: Sequence[models.Hold]) -> None:
        await _give_back(session, some, status=HoldStatus.EXPIRED, now=now)

    return await all_or_one_by_one(session, "expire holds", expired, give_back, name=lambda hold: hold.id)


def capture_transfer(hold: models.Hold, *, to: UUID) -> ledger.Transfer:
    """Uses a hold for its purpose, on the account *to*: whole, as only offerings that are complete are disbursed."""
    return ledger.move(
        hold.amount_minor,
        debit=chart.held(hold.user_id).id,
        credit=to,
        kind=TransferKind.HOLD_CAPTURE,
        cause_id=hold.id,
        reference_id=hold.reference_id,
    )


async def _give_back(session: AsyncSession, holds: Sequence[models.Hold], *, status: HoldStatus, now: datetime) -> None:
    if not holds:
        return
    await crud.holds.end_holds(session, {hold.id: 0 for hold in holds}, status=status, ended_at=now)
    await ledger.post(session, *(_release_transfer(hold) for hold in holds), now=now)
    for hold in holds:
        expired = status is HoldStatus.EXPIRED
        _record_release(session, hold, expired=expired, now=now)


def _hold_transfer(hold: models.Hold) -> ledger.Transfer:
    return ledger.move(
        hold.amount_minor,
        debit=chart.available(hold.user_id).id,
        credit=chart.held(hold.user_id).id,
        kind=TransferKind.HOLD,
        cause_id=hold.id,
        reference_id=hold.reference_id,
    )


def _release_transfer(hold: models.Hold) -> ledger.Transfer:
    return ledger.move(
        hold.amount_minor,
        debit=chart.held(hold.user_id).id,
        credit=chart.available(hold.user_id).id,
        kind=TransferKind.HOLD_RELEASE,
        cause_id=hold.id,
        reference_id=hold.reference_id,
    )


def _record_release(session: AsyncSession, hold: models.Hold, *, expired: bool, now: datetime) -> None:
    released = events.HoldReleased(
        hold_id=hold.id,
        reference_id=hold.reference_id,
        user_id=hold.user_id,
        amount_minor=hold.amount_minor,
        expired=expired,
    )
    outbox.record(session, released, occurred_at=now)
