"""SQL on uploads, identity checks and the audit record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import OPEN_CHECKS, AuditEntry, CheckStatus, IdentityCheck, Upload
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


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


_UPLOADS = select(Upload).where(is_any_of(Upload.id, "ids"))


async def list_uploads(session: Reader, ids: Iterable[UUID]) -> Sequence[Upload]:
    """Without their content."""
    return (await session.scalars(_UPLOADS, {"ids": list(ids)})).all()


async def find_upload_with_content(session: Reader, upload_id: UUID) -> tuple[Upload, bytes | None] | None:
    """An upload and its sealed content, as far as that is still there."""
    row = (await session.execute(select(Upload, Upload.content_sealed).where(Upload.id == upload_id))).first()
    return None if row is None else (row[0], row[1])


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


async def find_check(session: Reader, check_id: UUID) -> IdentityCheck | None:
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


_BY_ID = select(IdentityCheck).where(is_any_of(IdentityCheck.id, "ids"))


async def list_checks(session: Reader, ids: Iterable[UUID]) -> Sequence[IdentityCheck]:
    return (await session.scalars(_BY_ID, {"ids": list(ids)})).all()


_NEWEST = (
    select(IdentityCheck)
    .where(is_any_of(IdentityCheck.user_id, "user_ids"))
    .ext(distinct_on(IdentityCheck.user_id))
    .order_by(IdentityCheck.user_id, IdentityCheck.submitted_at.desc(), IdentityCheck.id.desc())
)


async def list_newest_checks(session: Reader, user_ids: Iterable[UUID]) -> Sequence[IdentityCheck]:
    """The newest check of each person who has one."""
    return (await session.scalars(_NEWEST, {"user_ids": list(user_ids)})).all()


_QUEUE = select(IdentityCheck).order_by(IdentityCheck.submitted_at, IdentityCheck.id).limit(bindparam("limit"))
_QUEUE_OF_STATUS = _QUEUE.where(IdentityCheck.status == bindparam("status"))


async def list_queue(
    session: Reader, *, status: CheckStatus | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[IdentityCheck]:
    """The ones waiting longest first."""
    statement = _QUEUE if status is None else _QUEUE_OF_STATUS
    if after is not None:
        statement = statement.where(tuple_(IdentityCheck.submitted_at, IdentityCheck.id) > after)
    return (await session.scalars(statement, {"status": status, "limit": limit})).all()


_AUDIT = (
    select(AuditEntry)
    .where(is_any_of(AuditEntry.subject_id, "subject_ids"))
    .order_by(AuditEntry.occurred_at, AuditEntry.id)
)


async def list_audit_of(session: Reader, subject_ids: Iterable[UUID]) -> Sequence[AuditEntry]:
    """What was written down about these checks, the earliest first."""
    return (await session.scalars(_AUDIT, {"subject_ids": list(subject_ids)})).all()
