"""
Send what waits for a channel.

A dispatch is claimed, carried and marked in three steps, so that no carrier is called inside a transaction: claiming
moves `due_at` ahead, and a process that dies while carrying leaves the row to be tried again. The dispatch's id goes to
the carrier, which carries it once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.crud import dispatches
from subgraphs.notifications.domain.catalogue import Channel
from subgraphs.notifications.models import Dispatch, DispatchStatus, Recipient
from subgraphs.notifications.ports.carrier import Carrier, CarrierFailed, OutgoingMessage
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database

log = structlog.get_logger()

ERROR_CHARACTERS_MAX = 500


@dataclass(frozen=True)
class Claimed:
    dispatch_id: UUID
    channel: Channel
    attempts: int
    message: OutgoingMessage | None
    """None while nobody knows the person's address."""


async def dispatch_due(
    database: Database, carriers: Mapping[Channel, Carrier], settings: NotificationsSettings, clock: Clock
) -> int:
    """Carry one batch of what is due; how many were tried."""
    now = clock.now()
    async with database.begin() as session:
        claimed = await _claim(session, settings, now)
    await asyncio.gather(*(_carry(database, carriers, settings, clock, item) for item in claimed))
    return len(claimed)


async def _claim(session: AsyncSession, settings: NotificationsSettings, now: datetime) -> list[Claimed]:
    claimed = []
    for dispatch, notification, recipient in await dispatches.lock_due(
        session, now=now, limit=settings.dispatch_batch_max
    ):
        dispatch.attempts += 1
        wait = settings.dispatch_retry_seconds * 2 ** (dispatch.attempts - 1)
        dispatch.due_at = now + timedelta(seconds=settings.dispatch_timeout_seconds + wait)
        address = _address(recipient, Channel(dispatch.channel))
        message = OutgoingMessage(dispatch.id, address, notification.title, notification.body) if address else None
        claimed.append(Claimed(dispatch.id, Channel(dispatch.channel), dispatch.attempts, message))
    return claimed


def _address(recipient: Recipient | None, channel: Channel) -> str | None:
    if recipient is None:
        return None
    return recipient.email if channel is Channel.EMAIL else str(recipient.user_id)


async def _carry(
    database: Database,
    carriers: Mapping[Channel, Carrier],
    settings: NotificationsSettings,
    clock: Clock,
    item: Claimed,
) -> None:
    try:
        if item.message is None:
            raise CarrierFailed("the person's address is not known")
        async with asyncio.timeout(settings.dispatch_timeout_seconds):
            await carriers[item.channel].carry(item.message)
    except (CarrierFailed, TimeoutError) as error:
        gave_up = item.attempts >= settings.dispatch_attempts_max
        log.warning("a notification was not carried", channel=item.channel, attempts=item.attempts, gave_up=gave_up)
        status = DispatchStatus.FAILED if gave_up else DispatchStatus.PENDING
        reason = str(error)[:ERROR_CHARACTERS_MAX] or "the carrier did not answer in time"
        values: dict[str, Any] = {"status": status, "last_error": reason}
    else:
        values = {"status": DispatchStatus.SENT, "sent_at": clock.now(), "last_error": None}
    async with database.begin() as session:
        await session.execute(update(Dispatch).where(Dispatch.id == item.dispatch_id).values(**values))
