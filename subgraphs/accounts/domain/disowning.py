"""
It was not me: what the link in a security alert does, for who cannot sign in because somebody else has the account.

Holding the link proves a contact that was the account's *before* what the alert tells of. So it takes back what has
changed since (the e-mail, a second factor put in place), throws everybody out, and leaves one way in: a link to choose
a new password, sent to the address that the account had. Of several links the one sent first has the last word on the
address; a thief whose own mailbox got a later one gains nothing by it.
"""

import secrets
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import attempts, devices, representatives, telling
from subgraphs.accounts.domain.accounts import record_profile
from subgraphs.accounts.domain.letters import Letter
from subgraphs.accounts.domain.password_changes import send_reset_link
from subgraphs.accounts.domain.refusals import InvalidAlertLink
from subgraphs.accounts.domain.registration import token_hash
from subgraphs.accounts.models.vocabulary import Channel, SessionEnd
from subgraphs.accounts.schemas import events
from subgraphs.accounts.schemas.commands import Origin
from subgraphs.shared.messaging import outbox

log = structlog.get_logger()


async def disown_change(services: Services, token: str, *, origin: Origin) -> int:
    """
    Take the account back for whoever the alert was sent to; how many sessions were ended.

    The password becomes one that nobody knows, every session ends, no link or code on its way works any more, and the
    wallet is told to let nothing leave. A link works once, for as long as `alert_link_hours` says; those that are tried
    are counted by address. Refuses with TooManyAttempts, InvalidAlertLink.
    """
    counters = attempts.of_address(services, origin.address)
    await attempts.spend_attempt(services, counters)
    now = services.clock.now()
    async with services.database.read() as session:
        known = await crud.alerts.find_open_alert(session, token_hash(token), now=now)
    if known is None:
        raise InvalidAlertLink
    async with services.database.read() as session:
        owner = await crud.users.find_user(session, known.user_id)
    if owner is not None and owner.is_company:
        return await _stop_company(services, owner.id, token, counters, now=now)
    nobodys = await services.passwords.hash(secrets.token_urlsafe(32))
    async with services.database.begin() as session:
        # The person first, as everywhere: two links of theirs followed at once take turns.
        user = await crud.users.lock_user(session, known.user_id)
        alert = await crud.alerts.find_open_alert(session, token_hash(token), now=now)
        if user is None or user.closed_at is not None or alert is None:
            raise InvalidAlertLink
        alert.used_at = now
        await attempts.forgive(session, counters)
        user.password_hash = nobodys
        await _void_everything_on_its_way(session, services, user, now=now)
        await _take_back(session, user, alert, now=now)
        ended = await crud.sessions.end_sessions(session, user.id, now=now, reason=SessionEnd.DISOWNED)
        await telling.tell_sessions_ended(session, services, user.id, ended, now=now)
        outbox.record(session, events.SecurityAlert(user_id=user.id, kind="CHANGE_DISOWNED"), occurred_at=now)
        send_reset_link(session, services, user, Letter.CHANGE_DISOWNED, to=alert.email)
    return len(ended)


async def _stop_company(
    services: Services, company_id: UUID, token: str, counters: list[attempts.Counted], *, now: datetime
) -> int:
    """
    Stop what one of a company's representatives says that none of them did; how many sessions were ended.

    All of theirs end, nothing leaves the wallet, and who represents the company is as it was before the alert. Nobody's
    own account changes: which of them it was, if any, nobody knows.
    """
    async with services.database.read() as session:
        involved = {one.person_id for one in await crud.representations.list_of_companies(session, [company_id])}
    async with services.database.begin() as session:
        await crud.users.lock_users(session, involved)
        company = await crud.users.lock_user(session, company_id)
        alert = await crud.alerts.find_open_alert(session, token_hash(token), now=now)
        if company is None or company.closed_at is not None or alert is None:
            raise InvalidAlertLink
        alert.used_at = now
        await attempts.forgive(session, counters)
        reader = await crud.users.find_user_by_email(session, alert.email_key)
        by = reader.id if reader is not None else company_id
        changed = await crud.representations.list_changed_since(session, company_id, alert.created_at)
        for one in changed:
            if one.appointed_at >= alert.created_at and one.ended_at is None:
                await representatives.end(session, services, one, by=by, now=now)
        await session.flush()
        for one in changed:
            if one.appointed_at < alert.created_at:
                representatives.restore(session, one, by=by, now=now)
        total = 0
        for person_id in sorted(involved):
            ended = await crud.sessions.end_sessions(session, person_id, now=now, reason=SessionEnd.DISOWNED)
            await telling.tell_sessions_ended(session, services, person_id, ended, now=now)
            total += len(ended)
        outbox.record(session, events.SecurityAlert(user_id=company_id, kind="CHANGE_DISOWNED"), occurred_at=now)
    return total


async def _void_everything_on_its_way(
    session: AsyncSession, services: Services, user: models.User, *, now: datetime
) -> None:
    """The one who has the account may have asked for links and codes to contacts of their own."""
    await crud.confirmations.void_resets(session, user.id, now=now)
    for channel in Channel:
        await crud.confirmations.void_confirmations(session, user.id, channel)
    await crud.devices.delete_devices_of(session, user.id)
    if user.email_key is not None:
        await crud.devices.delete_unlock(session, devices.account_key(services, user.email_key))


async def _take_back(session: AsyncSession, user: models.User, alert: models.Alert, *, now: datetime) -> None:
    """What has changed since *alert* is as it was: the e-mail, and that there was no second factor."""
    factor = await crud.second_factors.lock_second_factor(session, user.id)
    if factor is not None and factor.confirmed_at is not None and factor.confirmed_at >= alert.created_at:
        await crud.second_factors.delete_second_factor(session, user.id)
    await crud.alerts.void_later_alerts(session, alert)
    if user.email_key == alert.email_key:
        return
    holder = await crud.users.find_user_by_email(session, alert.email_key)
    if holder is not None:
        # Nobody gets a reserved address, unless they asked for it in the very moment in which it was given up.
        log.error("an address that was to be given back has another holder", user_id=str(user.id))
        return
    user.email, user.email_key, user.email_confirmed_at = alert.email, alert.email_key, alert.email_confirmed_at
    record_profile(session, user, now=now)
