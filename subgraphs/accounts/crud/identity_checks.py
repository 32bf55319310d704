"""SQL on uploads, identity checks and the audit record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from subgraphs.accounts.models import OPEN_CHECKS, AuditEntry, CheckStatus, IdentityCheck, Upload


async def count_open_uploads(session: AsyncSession, user_id: UUID) -> int:
    statement = select(func.count()).where(
        Upload.user_id == user_id, Upload.attached_at.is_(None), Upload.erased_at.is_(None)
    )
    return int(await session.scalar(statement) or 0)


async def lock_open_uploads(session: AsyncSession, user_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Upload]:
    """The person's uploads of *ids* that belong to nothing yet, without their content, locked in id order."""
    statement = (
        select(Upload)
        .where(
            Upload.id.in_(set(ids)),
            Upload.user_id == user_id,
            Upload.attached_at.is_(None),
            Upload.erased_at.is_(None),
        )
        .order_by(Upload.id)
        .with_for_update()
    )
    return {row.id: row for row in await session.scalars(statement)}


async def list_uploads(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[Upload]:
    """Without their content."""
    return (await session.scalars(select(Upload).where(Upload.id.in_(set(ids))))).all()


async def find_upload_with_content(session: AsyncSession, upload_id: UUID) -> Upload | None:
    found: Upload | None = await session.scalar(
        select(Upload).where(Upload.id == upload_id).options(undefer(Upload.content_sealed))
    )
    return found


async def delete_open_uploads(session: AsyncSession, *, before: datetime) -> None:
    await session.execute(delete(Upload).where(Upload.attached_at.is_(None), Upload.created_at < before))


async def erase_uploads_of(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    await session.execute(
        update(Upload)
        .where(Upload.user_id == user_id, Upload.erased_at.is_(None))
        .values(content_sealed=None, erased_at=now)
    )


async def erase_uploads_of_failed_checks(session: AsyncSession, *, decided_before: datetime, now: datetime) -> None:
    """What proved nothing is not kept."""
    failed = select(IdentityCheck).where(
        IdentityCheck.status.in_((CheckStatus.REJECTED, CheckStatus.NEW_UPLOAD_REQUESTED)),
        IdentityCheck.decided_at < decided_before,
        or_(IdentityCheck.document_id == Upload.id, IdentityCheck.selfie_id == Upload.id),
    )
    await session.execute(
        update(Upload).where(Upload.erased_at.is_(None), failed.exists()).values(content_sealed=None, erased_at=now)
    )


async def close_checks_of(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    """Nobody looks at the open checks of somebody who left; nor are the reasons for the person kept."""
    await session.execute(
        update(IdentityCheck)
        .where(IdentityCheck.user_id == user_id, IdentityCheck.status.in_(OPEN_CHECKS))
        .values(status=CheckStatus.REJECTED, decided_at=now)
    )
    await session.execute(update(IdentityCheck).where(IdentityCheck.user_id == user_id).values(reason=None))


async def find_check(session: AsyncSession, check_id: UUID) -> IdentityCheck | None:
    return await session.get(IdentityCheck, check_id)


async def lock_check(session: AsyncSession, check_id: UUID) -> IdentityCheck | None:
    return await session.get(IdentityCheck, check_id, with_for_update=True, populate_existing=True)


async def find_open_check(session: AsyncSession, user_id: UUID) -> IdentityCheck | None:
    found: IdentityCheck | None = await session.scalar(
        select(IdentityCheck).where(IdentityCheck.user_id == user_id, IdentityCheck.status.in_(OPEN_CHECKS))
    )
    return found


async def list_submitted_since(session: AsyncSession, user_id: UUID, since: datetime) -> Sequence[datetime]:
    """When the person submitted checks since then, the earliest first."""
    statement = (
        select(IdentityCheck.submitted_at)
        .where(IdentityCheck.user_id == user_id, IdentityCheck.submitted_at > since)
        .order_by(IdentityCheck.submitted_at)
    )
    return (await session.scalars(statement)).all()


async def list_checks(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[IdentityCheck]:
    return (await session.scalars(select(IdentityCheck).where(IdentityCheck.id.in_(set(ids))))).all()


async def list_newest_checks(session: AsyncSession, user_ids: Iterable[UUID]) -> Sequence[IdentityCheck]:
    """The newest check of each person who has one."""
    statement = (
        select(IdentityCheck)
        .where(IdentityCheck.user_id.in_(set(user_ids)))
        .order_by(IdentityCheck.user_id, IdentityCheck.submitted_at.desc(), IdentityCheck.id.desc())
        .distinct(IdentityCheck.user_id)
    )
    return (await session.scalars(statement)).all()


async def list_queue(
    session: AsyncSession, *, status: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[IdentityCheck]:
    """The ones waiting longest first."""
    statement = select(IdentityCheck).order_by(IdentityCheck.submitted_at, IdentityCheck.id).limit(limit)
    if status is not None:
        statement = statement.where(IdentityCheck.status == status)
    if after is not None:
        statement = statement.where(tuple_(IdentityCheck.submitted_at, IdentityCheck.id) > after)
    return (await session.scalars(statement)).all()


async def list_audit_of(session: AsyncSession, subject_ids: Iterable[UUID]) -> Sequence[AuditEntry]:
    """What was written down about these checks, the earliest first."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.subject_id.in_(set(subject_ids)))
        .order_by(AuditEntry.occurred_at, AuditEntry.id)
    )
    return (await session.scalars(statement)).all()
