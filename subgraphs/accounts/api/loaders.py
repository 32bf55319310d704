"""Look-ups of one request, batched: one SQL statement per batch."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from subgraphs.accounts import crud, models
from subgraphs.accounts.api.context import Context
from subgraphs.accounts.domain import consents
from subgraphs.shared.clock import business_date


async def users_by_id(context: Context, user_ids: list[UUID]) -> Sequence[models.User | None]:
    async with context.read() as session:
        found = {row.id: row for row in await crud.users.list_users(session, user_ids)}
    return [found.get(user_id) for user_id in user_ids]


async def totp_enabled_by_user(context: Context, user_ids: list[UUID]) -> Sequence[bool]:
    async with context.read() as session:
        enabled = await crud.second_factors.list_confirmed(session, user_ids)
    return [user_id in enabled for user_id in user_ids]


async def sessions_by_user(context: Context, user_ids: list[UUID]) -> Sequence[list[models.Session]]:
    """Open sessions; those idle for too long have ended, although nobody has written it down yet."""
    since = context.clock.now() - timedelta(seconds=context.services.settings.session_idle_seconds)
    by_user: defaultdict[UUID, list[models.Session]] = defaultdict(list)
    async with context.read() as session:
        for row in await crud.sessions.list_sessions_of(session, user_ids, since=since):
            by_user[row.user_id].append(row)
    return [by_user[user_id] for user_id in user_ids]


async def representatives_by_company(
    context: Context, company_ids: list[UUID]
) -> Sequence[list[models.Representation]]:
    """Of companies, those of the past too."""
    by_company: defaultdict[UUID, list[models.Representation]] = defaultdict(list)
    async with context.read() as session:
        for row in await crud.representations.list_of_companies(session, company_ids):
            by_company[row.company_id].append(row)
    return [by_company[company_id] for company_id in company_ids]


async def represented_by_person(context: Context, person_ids: list[UUID]) -> Sequence[list[models.Representation]]:
    by_person: defaultdict[UUID, list[models.Representation]] = defaultdict(list)
    async with context.read() as session:
        for row in await crud.representations.list_of_people(session, person_ids):
            by_person[row.person_id].append(row)
    return [by_person[person_id] for person_id in person_ids]


async def uploads_by_id(context: Context, upload_ids: list[UUID]) -> Sequence[models.Upload]:
    """Of identity checks, so that each of them exists."""
    async with context.read() as session:
        found = {row.id: row for row in await crud.identity_checks.list_uploads(session, upload_ids)}
    return [found[upload_id] for upload_id in upload_ids]


async def checks_by_id(context: Context, check_ids: list[UUID]) -> Sequence[models.IdentityCheck | None]:
    async with context.read() as session:
        found = {row.id: row for row in await crud.identity_checks.list_checks(session, check_ids)}
    return [found.get(check_id) for check_id in check_ids]


async def newest_checks_by_user(context: Context, user_ids: list[UUID]) -> Sequence[models.IdentityCheck | None]:
    async with context.read() as session:
        found = {row.user_id: row for row in await crud.identity_checks.list_newest_checks(session, user_ids)}
    return [found.get(user_id) for user_id in user_ids]


async def audit_by_subject(context: Context, subject_ids: list[UUID]) -> Sequence[list[models.AuditEntry]]:
    by_subject: defaultdict[UUID, list[models.AuditEntry]] = defaultdict(list)
    async with context.read() as session:
        for row in await crud.identity_checks.list_audit_of(session, subject_ids):
            if row.subject_id is not None:
                by_subject[row.subject_id].append(row)
    return [by_subject[subject_id] for subject_id in subject_ids]


async def stands_by_user(context: Context, user_ids: list[UUID]) -> Sequence[list[consents.Stand]]:
    """Where people stand with each text in force."""
    today = business_date(context.clock.now())
    by_user: defaultdict[UUID, list[models.Consent]] = defaultdict(list)
    async with context.read() as session:
        texts = await crud.consents.list_texts(session)
        for consent in await crud.consents.list_newest(session, user_ids):
            by_user[consent.user_id].append(consent)
    return [list(consents.stands_of(texts, by_user[user_id], today=today).values()) for user_id in user_ids]
