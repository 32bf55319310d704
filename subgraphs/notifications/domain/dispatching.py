"""
Send what waits for a channel.

A dispatch is claimed, carried and marked in three steps, so that no carrier is called inside a transaction: claiming
moves `due_at` ahead, and a process that dies while carrying leaves the row to be tried again. The dispatch's id goes to
the carrier, which carries it once.

Addresses are asked of accounts when a message goes out: the newest one counts, and none is kept here. A push message
goes to each device that its person has registered; which is not there any more is forgotten.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.core.services import Services
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.crud import dispatches, preferences, push_devices
from subgraphs.notifications.domain.subjects import path_of
from subgraphs.notifications.domain.templates import Rendered, Told, render
from subgraphs.notifications.domain.vocabulary import Category, Channel, Language
from subgraphs.notifications.models import Dispatch, DispatchStatus, Notification, PushDevice
from subgraphs.notifications.ports.carrier import AddressGone, CarrierFailed, OutgoingMessage
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.jobs import one_by_one
from subgraphs.shared.people import PeopleUnavailable, Person

log = structlog.get_logger()

JOB = "dispatch notifications"
ERROR_CHARACTERS_MAX = 500

NO_ACCOUNT = "the person has no account any more"
NO_ADDRESS = "the person has no address for this channel"
NOBODY_THERE = "nobody is at the address any more"


@dataclass(frozen=True)
class Copy:
    """What goes to one address."""

    message_id: UUID
    device_token: str | None
    """None where the address is asked of accounts."""
    language: Language
    rendered: Rendered


@dataclass(frozen=True)
class Claimed:
    dispatch_id: UUID
    channel: Channel
    attempts: int
    user_id: UUID
    category: Category
    copies: Sequence[Copy]


async def dispatch_due(database: Database, services: Services, clock: Clock) -> int:
    """
    Carry one batch of what is due; how many were tried.

    Raises PeopleUnavailable when nobody tells the addresses; what was claimed waits, and that counts as no attempt.
    """
    settings = services.settings
    now = clock.now()
    async with database.begin() as session:
        claimed = await _claim(session, settings, now=now)
    if not claimed:
        return 0
    try:
        people = await services.people.find({item.user_id for item in claimed})
    except PeopleUnavailable:
        async with database.begin() as session:
            put_back_until = now + timedelta(seconds=settings.dispatch_retry_seconds)
            await dispatches.put_back(session, [item.dispatch_id for item in claimed], due_at=put_back_until)
        raise

    outcomes: dict[UUID, dispatches.Outcome] = {}
    gone: set[str] = set()

    async def carry(item: Claimed) -> None:
        outcomes[item.dispatch_id] = await _carry(services, clock, item, people.get(item.user_id), gone)

    def name(item: Claimed) -> UUID:
        return item.dispatch_id

    await asyncio.gather(*(one_by_one(JOB, [item], carry, name=name) for item in claimed))
    async with database.begin() as session:
        await dispatches.note_outcomes(session, outcomes)
        if gone:
            await push_devices.remove_tokens(session, gone)
    return len(claimed)


async def _claim(session: AsyncSession, settings: NotificationsSettings, *, now: datetime) -> list[Claimed]:
    due = await dispatches.lock_due(session, now=now, limit=settings.dispatch_batch_max)
    if not due:
        return []
    # Of one that cannot be rendered too: it waits as long as one that cannot be carried.
    await dispatches.count_attempts(
        session,
        [dispatch.id for dispatch, _ in due],
        since=now + timedelta(seconds=settings.dispatch_timeout_seconds),
        retry=timedelta(seconds=settings.dispatch_retry_seconds),
    )
    chosen = await preferences.list_languages(session, {notification.user_id for _, notification in due})
    pushed = {notification.user_id for dispatch, notification in due if dispatch.channel == Channel.PUSH}
    devices = await push_devices.list_devices(session, pushed) if pushed else []
    claimed: list[Claimed] = []

    async def claim(row: tuple[Dispatch, Notification]) -> None:
        dispatch, notification = row
        language = Language(chosen.get(notification.user_id, Language.PORTUGUESE))
        theirs = [device for device in devices if device.user_id == notification.user_id]
        claimed.append(_claimed(dispatch, notification, language, theirs, settings))

    await one_by_one(JOB, due, claim, name=lambda row: row[0].id)
    return claimed


def _claimed(
    dispatch: Dispatch,
    notification: Notification,
    language: Language,
    devices: Sequence[PushDevice],
    settings: NotificationsSettings,
) -> Claimed:
    channel = Channel(dispatch.channel)
    if channel is Channel.PUSH:
        copies = [
            # The same on every attempt, so that a device which has it does not get it again.
            Copy(
                uuid5(dispatch.id, device.token), device.token, spoken, _render(notification, channel, spoken, settings)
            )
            for device in devices
            for spoken in [Language(device.language or language)]
        ]
    else:
        copies = [Copy(dispatch.id, None, language, _render(notification, channel, language, settings))]
    return Claimed(
        dispatch_id=dispatch.id,
        channel=channel,
        attempts=dispatch.attempts + 1,
        user_id=notification.user_id,
        category=Category(notification.category),
        copies=copies,
    )


def _render(
    notification: Notification, channel: Channel, language: Language, settings: NotificationsSettings
) -> Rendered:
    is_english = language is Language.ENGLISH
    told = Told(
        category=Category(notification.category),
        language=language,
        title=notification.title_english if is_english else notification.title,
        body=notification.body_english if is_english else notification.body,
        path=path_of(notification.subject_type, notification.subject_id),
    )
    return render(told, channel, frontend_url=settings.frontend_url)


def _address(item: Claimed, copy: Copy, person: Person) -> str | None:
    return {Channel.EMAIL: person.email, Channel.SMS: person.phone, Channel.PUSH: copy.device_token}[item.channel]


async def _carry(
    services: Services, clock: Clock, item: Claimed, person: Person | None, gone: set[str]
) -> dispatches.Outcome:
    """What became of all copies of one message; the tokens of devices that are not there any more go to *gone*."""
    if person is None:
        return dispatches.Outcome(DispatchStatus.FAILED, last_error=NO_ACCOUNT)
    addressed = [(copy, address) for copy in item.copies if (address := _address(item, copy, person))]
    if not addressed:
        return dispatches.Outcome(DispatchStatus.FAILED, last_error=NO_ADDRESS)
    ends = await asyncio.gather(
        *(_try_to_carry(services, item, copy, address) for copy, address in addressed), return_exceptions=True
    )
    failures: list[str] = []
    for (copy, address), end in zip(addressed, ends, strict=True):
        if isinstance(end, AddressGone):
            gone.update([copy.device_token] if copy.device_token else [])
        elif isinstance(end, CarrierFailed | TimeoutError):
            # Carriers like to repeat the address, which is not ours to keep.
            reason = str(end).replace(address, "…")[:ERROR_CHARACTERS_MAX]
            failures.append(reason or "the carrier did not answer in time")
        elif end is not None:
            raise end
    gave_up = item.attempts >= services.settings.dispatch_attempts_max
    if failures:
        log.warning("a notification was not carried", channel=item.channel, attempts=item.attempts, gave_up=gave_up)
    if failures and not gave_up:
        return dispatches.Outcome(DispatchStatus.PENDING, last_error=failures[0])
    if None in ends:
        return dispatches.Outcome(DispatchStatus.SENT, sent_at=clock.now(), last_error=next(iter(failures), None))
    return dispatches.Outcome(DispatchStatus.FAILED, last_error=next(iter(failures), NOBODY_THERE))


async def _try_to_carry(services: Services, item: Claimed, copy: Copy, address: str) -> None:
    """Raises CarrierFailed, and TimeoutError."""
    message = OutgoingMessage(
        id=copy.message_id,
        address=address,
        category=item.category,
        language=copy.language,
        title=copy.rendered.title,
        body=copy.rendered.body,
        link=copy.rendered.link,
    )
    async with asyncio.timeout(services.settings.dispatch_timeout_seconds):
        await services.carriers[item.channel].carry(message)
