"""
Send what waits for a channel.

A dispatch is claimed, carried and marked in three steps, so that no carrier is called inside a transaction: claiming
moves `due_at` ahead, and a process that dies while carrying leaves the row to be tried again. The dispatch's id goes to
the carrier, which carries it once.

Addresses are asked of accounts when a message goes out: the newest one counts, and none is kept here.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.core.services import Services
from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.crud import dispatches, preferences
from subgraphs.notifications.domain.subjects import path_of
from subgraphs.notifications.domain.templates import Rendered, Told, render
from subgraphs.notifications.domain.vocabulary import Category, Channel, Language
from subgraphs.notifications.models import Dispatch, DispatchStatus, Notification
from subgraphs.notifications.ports.carrier import CarrierFailed, OutgoingMessage
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.jobs import one_by_one
from subgraphs.shared.people import PeopleUnavailable, Person

log = structlog.get_logger()

JOB = "dispatch notifications"
ERROR_CHARACTERS_MAX = 500

NO_ACCOUNT = "the person has no account any more"
NO_ADDRESS = "the person has no address for this channel"


@dataclass(frozen=True)
class Claimed:
    dispatch_id: UUID
    channel: Channel
    attempts: int
    user_id: UUID
    category: Category
    language: Language
    rendered: Rendered


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

    async def carry(item: Claimed) -> None:
        outcomes[item.dispatch_id] = await _carry(services, clock, item, people.get(item.user_id))

    def name(item: Claimed) -> UUID:
        return item.dispatch_id

    await asyncio.gather(*(one_by_one(JOB, [item], carry, name=name) for item in claimed))
    async with database.begin() as session:
        await dispatches.note_outcomes(session, outcomes)
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
    claimed: list[Claimed] = []

    async def claim(row: tuple[Dispatch, Notification]) -> None:
        dispatch, notification = row
        language = Language(chosen.get(notification.user_id, Language.PORTUGUESE))
        claimed.append(_claimed(dispatch, notification, language, settings))

    await one_by_one(JOB, due, claim, name=lambda row: row[0].id)
    return claimed


def _claimed(
    dispatch: Dispatch, notification: Notification, language: Language, settings: NotificationsSettings
) -> Claimed:
    is_english = language is Language.ENGLISH
    told = Told(
        category=Category(notification.category),
        language=language,
        title=notification.title_english if is_english else notification.title,
        body=notification.body_english if is_english else notification.body,
        path=path_of(notification.subject_type, notification.subject_id),
    )
    return Claimed(
        dispatch_id=dispatch.id,
        channel=Channel(dispatch.channel),
        attempts=dispatch.attempts + 1,
        user_id=notification.user_id,
        category=told.category,
        language=language,
        rendered=render(told, Channel(dispatch.channel), frontend_url=settings.frontend_url),
    )


def _address(item: Claimed, person: Person) -> str | None:
    addresses = {Channel.EMAIL: person.email, Channel.SMS: person.phone, Channel.PUSH: str(item.user_id)}
    return addresses[item.channel]


async def _carry(services: Services, clock: Clock, item: Claimed, person: Person | None) -> dispatches.Outcome:
    if person is None:
        return dispatches.Outcome(DispatchStatus.FAILED, last_error=NO_ACCOUNT)
    if address := _address(item, person):
        return await _try_to_carry(services, clock, item, address)
    return dispatches.Outcome(DispatchStatus.FAILED, last_error=NO_ADDRESS)


async def _try_to_carry(services: Services, clock: Clock, item: Claimed, address: str) -> dispatches.Outcome:
    settings = services.settings
    message = OutgoingMessage(
        id=item.dispatch_id,
        address=address,
        category=item.category,
        language=item.language,
        title=item.rendered.title,
        body=item.rendered.body,
        link=item.rendered.link,
    )
    try:
        async with asyncio.timeout(settings.dispatch_timeout_seconds):
            await services.carriers[item.channel].carry(message)
    except (CarrierFailed, TimeoutError) as error:
        gave_up = item.attempts >= settings.dispatch_attempts_max
        log.warning("a notification was not carried", channel=item.channel, attempts=item.attempts, gave_up=gave_up)
        # Carriers like to repeat the address, which is not ours to keep.
        reason = str(error).replace(address, "…")[:ERROR_CHARACTERS_MAX] or "the carrier did not answer in time"
        return dispatches.Outcome(DispatchStatus.FAILED if gave_up else DispatchStatus.PENDING, last_error=reason)
    return dispatches.Outcome(DispatchStatus.SENT, sent_at=clock.now())
