"""Documents (what is known of them; contents are the store's)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import Document


async def find_document(session: AsyncSession, document_id: UUID) -> Document | None:
    return await session.get(Document, document_id)


async def find_same_document(session: AsyncSession, request_id: UUID, sha256: str) -> Document | None:
    return await session.scalar(
        select(Document).where(Document.credit_request_id == request_id, Document.sha256 == sha256)
    )


async def count_documents(session: AsyncSession, request_id: UUID) -> int:
    return await session.scalar(select(func.count()).where(Document.credit_request_id == request_id)) or 0


async def list_document_kinds(session: AsyncSession, request_id: UUID) -> Sequence[str]:
    statement = select(Document.kind).where(Document.credit_request_id == request_id).distinct()
    return (await session.scalars(statement)).all()


async def list_documents(session: AsyncSession, request_ids: Sequence[UUID]) -> Sequence[Document]:
    statement = (
        select(Document).where(Document.credit_request_id.in_(request_ids)).order_by(Document.uploaded_at, Document.id)
    )
    return (await session.scalars(statement)).all()


async def lock_documents_of(session: AsyncSession, farmer_id: UUID) -> Sequence[Document]:
    statement = select(Document).where(Document.farmer_id == farmer_id).order_by(Document.id).with_for_update()
    return (await session.scalars(statement)).all()
