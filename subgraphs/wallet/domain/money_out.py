"""
What bounds money that leaves: a thief with a stolen session must not empty a wallet before its owner notices.

- It takes a *fresh proof*: a token whose holder has proved within minutes who they are.
- In a *cooling-off time* after a new bank account, a reset password or a like change, only small sums leave.
- In the *night* only so much leaves as the central bank asks for, or as the person has chosen.
- The owner can *stop* it at once, signed in or by the link of an alert; then nothing leaves for as long as a
  cooling-off time lasts.

All figures are dated parameters. Whoever asks holds the wallet's lock, so that of two withdrawals at once the second
sees the first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import BRASILIA, business_date
from subgraphs.shared.fresh_proof import require_fresh_proof
from subgraphs.shared.identity import Identity
from subgraphs.shared.reading import Reader
from subgraphs.wallet import crud, models
from subgraphs.wallet.domain import refusals

OWNER = "OWNER"
"""The owner stopped it themselves."""
STOPPING = frozenset({OWNER, "CHANGE_DISOWNED"})
"""Reasons for which nothing leaves: the owner says that somebody else acts for them. For others, small sums do."""


@dataclass(frozen=True)
class Rules:
    """One value per parameter."""

    fresh_proof: timedelta
    cooling_off: timedelta
    cooling_off_minor_max: int
    night_from_hour: int
    night_to_hour: int
    night_limit_minor: int
    night_raise: timedelta


async def get_rules(session: Reader, *, now: datetime) -> Rules:
    """The rules in force on the day, in Brasília, of *now*. Raises KeyError when a parameter has no value yet."""
    values = await crud.money_out.get_parameters(session, business_date(now))
    return Rules(
        fresh_proof=timedelta(seconds=values["fresh_proof_seconds"]),
        cooling_off=timedelta(hours=values["cooling_off_hours"]),
        cooling_off_minor_max=values["cooling_off_minor_max"],
        night_from_hour=values["night_from_hour"],
        night_to_hour=values["night_to_hour"],
        night_limit_minor=values["night_limit_minor"],
        night_raise=timedelta(hours=values["night_raise_hours"]),
    )


async def require_proof(session: Reader, *, actor: Identity, now: datetime) -> None:
    """Refuse with FreshProofRequired unless who asks has just proved who they are."""
    require_fresh_proof(actor, within=(await get_rules(session, now=now)).fresh_proof)


async def check_withdrawal(
    session: AsyncSession, account: models.BankAccount, *, amount_minor: int, now: datetime
) -> None:
    """Refuse with CoolingOff or NightLimitExceeded what may not leave now. The wallet must be locked."""
    rules = await get_rules(session, now=now)
    await _check_cooling_off(session, account, rules, amount_minor=amount_minor, now=now)
    await _check_night(session, account.user_id, rules, amount_minor=amount_minor, now=now)


async def _check_cooling_off(
    session: AsyncSession, account: models.BankAccount, rules: Rules, *, amount_minor: int, now: datetime
) -> None:
    stopped, cooling = await _pauses(session, account.user_id, rules, now=now)
    if now < account.registered_at + rules.cooling_off:
        cooling.append(account.registered_at)
    if stopped:
        raise refusals.CoolingOff(until=max(stopped) + rules.cooling_off, left_minor=0)
    if not cooling:
        return
    since = max(cooling)
    left = await _left_while_cooling(session, account.user_id, rules, since=since)
    if amount_minor > left:
        raise refusals.CoolingOff(until=since + rules.cooling_off, left_minor=left)


async def _pauses(
    session: Reader, user_id: UUID, rules: Rules, *, now: datetime
) -> tuple[list[datetime], list[datetime]]:
    """Since when nothing may leave, and since when small sums only, as far as that still lasts."""
    lasting = [
        pause for pause in await crud.money_out.list_pauses(session, user_id) if now < pause.since + rules.cooling_off
    ]
    stopped = [pause.since for pause in lasting if pause.reason in STOPPING]
    return stopped, [pause.since for pause in lasting if pause.reason not in STOPPING]


async def is_paused(session: AsyncSession, user_id: UUID, *, now: datetime) -> bool:
    """
    Whether a pause or a cooling-off time of *user_id*'s lasts, however small a sum it would let leave.

    What then goes to another person is not had back. Who asks holds the lock of the wallet's available money.
    """
    stopped, cooling = await _pauses(session, user_id, await get_rules(session, now=now), now=now)
    return bool(stopped or cooling)


async def was_stopped(session: AsyncSession, user_id: UUID, *, since: datetime) -> bool:
    """
    Whether *user_id* has said *since* then that somebody else acts for them, also when that pause is over.

    What was asked for in their name before it is not theirs. Who asks holds the lock of the wallet's available money.
    """
    pauses = await crud.money_out.list_pauses(session, user_id)
    return any(pause.reason in STOPPING and pause.since >= since for pause in pauses)


async def _left_while_cooling(session: Reader, user_id: UUID, rules: Rules, *, since: datetime) -> int:
    return max(0, rules.cooling_off_minor_max - await crud.money_out.sum_requested(session, user_id, since))


async def _check_night(session: AsyncSession, user_id: UUID, rules: Rules, *, amount_minor: int, now: datetime) -> None:
    night = night_of(rules, now=now)
    if night is None:
        return
    begins, ends = night
    limit = night_limit_at(await crud.money_out.find_night_limit(session, user_id), rules, now=now)
    left = max(0, limit - await crud.money_out.sum_requested(session, user_id, begins))
    if amount_minor > left:
        raise refusals.NightLimitExceeded(limit_minor=limit, left_minor=left, until=ends)


def night_of(rules: Rules, *, now: datetime) -> tuple[datetime, datetime] | None:
    """When the night that *now* lies in began and ends; None by day."""
    local = now.astimezone(BRASILIA)
    ends = local.replace(hour=rules.night_to_hour, minute=0, second=0, microsecond=0)
    begins = local.replace(hour=rules.night_from_hour, minute=0, second=0, microsecond=0)
    if local < ends:
        return begins - timedelta(days=1), ends
    if local >= begins:
        return begins, ends + timedelta(days=1)
    return None


def night_limit_at(chosen: models.NightLimit | None, rules: Rules, *, now: datetime) -> int:
    if chosen is None:
        return rules.night_limit_minor
    if chosen.raised_minor is not None and chosen.raised_from is not None and chosen.raised_from <= now:
        return chosen.raised_minor
    return chosen.limit_minor


async def set_night_limit(
    session: AsyncSession, limit_minor: int, *, actor: Identity, maximum_minor: int, now: datetime
) -> models.NightLimit:
    """
    Choose how much may leave in a night. A lower limit holds at once, a higher one after a day.

    Refuses with PaymentAmountOutOfRange, and with FreshProofRequired for a higher one.
    """
    if not 0 <= limit_minor <= maximum_minor:
        raise refusals.PaymentAmountOutOfRange(minimum_minor=0, maximum_minor=maximum_minor)
    rules = await get_rules(session, now=now)
    await crud.money_out.lock_person(session, actor.user_id)
    present = night_limit_at(await crud.money_out.find_night_limit(session, actor.user_id), rules, now=now)
    raised_minor, raised_from = None, None
    if limit_minor > present:
        require_fresh_proof(actor, within=rules.fresh_proof)
        raised_minor, raised_from, limit_minor = limit_minor, now + rules.night_raise, present
    return await crud.money_out.save_night_limit(
        session,
        models.NightLimit(
            user_id=actor.user_id, limit_minor=limit_minor, raised_minor=raised_minor, raised_from=raised_from
        ),
    )


async def pause(session: AsyncSession, user_id: UUID, *, reason: str, now: datetime) -> datetime:
    """
    Begin a cooling-off time for all that leaves *user_id*'s wallet; until when it lasts.

    One that stops everything also brings back what is not ordered yet (`withdrawals.stop_money_out`).
    """
    await crud.money_out.save_pause(session, user_id, since=now, reason=reason)
    return now + (await get_rules(session, now=now)).cooling_off


@dataclass(frozen=True)
class Bounds:
    """What bounds money that leaves somebody's wallet at a moment, whichever bank account it goes to."""

    stopped_until: datetime | None
    cooling_off_until: datetime | None
    left_minor: int | None
    """What may leave until the later of them is over; None when neither lasts."""
    night_limit_minor: int
    raised_minor: int | None
    raised_from: datetime | None


async def get_bounds(session: Reader, user_id: UUID, *, now: datetime) -> Bounds:
    rules = await get_rules(session, now=now)
    stopped, cooling = await _pauses(session, user_id, rules, now=now)
    left_minor = None
    if stopped:
        left_minor = 0
    elif cooling:
        left_minor = await _left_while_cooling(session, user_id, rules, since=max(cooling))
    chosen = await crud.money_out.find_night_limit(session, user_id)
    is_rising = chosen is not None and chosen.raised_from is not None and now < chosen.raised_from
    return Bounds(
        stopped_until=max(stopped) + rules.cooling_off if stopped else None,
        cooling_off_until=max(cooling) + rules.cooling_off if cooling else None,
        left_minor=left_minor,
        night_limit_minor=night_limit_at(chosen, rules, now=now),
        raised_minor=chosen.raised_minor if chosen is not None and is_rising else None,
        raised_from=chosen.raised_from if chosen is not None and is_rising else None,
    )
