"""What time itself asks for: forgetting."""

from datetime import timedelta

from subgraphs.accounts import crud
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import accounts, attempts, companies
from subgraphs.shared.retention import RETAINED, Retention


async def forget_what_is_over(services: Services) -> None:
    """
    Delete what has served its purpose or reached the day until which a law wanted it kept.

    Harmless to run twice or at once: each statement deletes what is due by now.
    """
    settings, now = services.settings, services.clock.now()
    day = timedelta(days=1)
    access_log = RETAINED[Retention.ACCESS_LOG].kept_for
    assert access_log is not None  # noqa: S101  # the list says so
    await attempts.forget_old_attempts(services)
    await accounts.undo_unconfirmed(services)
    await companies.undo_unproved(services)
    async with services.database.begin() as session:
        await crud.confirmations.delete_links(session, expired_before=now - day)
        await crud.alerts.delete_alerts(session, expired_before=now - day)
        await crud.devices.delete_unlocks(session, expired_before=now)
        await crud.devices.delete_devices(session, unused_since=now - settings.device_days_kept * day)
        await crud.messages.delete_messages_before(session, now - settings.message_days_kept * day)
        await crud.sessions.delete_tokens_of_ended_sessions(session, now - day)
        await crud.sessions.erase_origins(session, now - access_log)
        await crud.identity_checks.delete_open_uploads(
            session, before=now - timedelta(hours=settings.upload_hours_kept)
        )
        await crud.identity_checks.erase_uploads_of_failed_checks(
            session, decided_before=now - settings.failed_check_days_kept * day, now=now
        )
        await crud.standing.delete_retained_records(session, kept_until=now)
        await crud.sessions.end_dead_sessions(
            session,
            idle_since=now - timedelta(seconds=settings.session_idle_seconds),
            begun_before=now - settings.session_days_max * day,
            now=now,
        )
