"""Documents (what is known of them; contents are the store's)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import Document
from subgraphs.shared.reading import Reader
from subgraphs.shared.statements import is_any_of


async def find_document(session: Reader, document_id: UUID) -> Document | None:
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


_OF_REQUESTS = (
    select(Document)
    .where(is_any_of(Document.credit_request_id, "request_ids"))
    .order_by(Document.uploaded_at, Document.id)
)


async def list_documents(session: Reader, request_ids: Sequence[UUID]) -> Sequence[Document]:
    return (await session.scalars(_OF_REQUESTS, {"request_ids": request_ids})).all()


async def lock_documents_of(session: AsyncSession, farmer_id: UUID) -> Sequence[Document]:
    statement = select(Document).where(Document.farmer_id == farmer_id).order_by(Document.id).with_for_update()
    return (await session.scalars(statement)).all()
