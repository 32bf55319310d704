"""
Where documents' contents lie: a folder, or the database when none is set.

Contents are written in the transaction that records the document. In a folder a content may be left behind when
that transaction fails; nothing refers to it, and the same file sent again finds its place taken by itself.
"""

import asyncio
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.models import DocumentContent
from subgraphs.shared.reading import Reader


class DocumentStore(Protocol):
    async def put(self, session: AsyncSession, document_id: UUID, content: bytes) -> None: ...

    async def get(self, session: Reader, document_id: UUID) -> bytes | None:
        """The content; None when it was erased or lost."""
        ...

    async def erase(self, session: AsyncSession, document_id: UUID) -> None: ...


class DatabaseStore:
    async def put(self, session: AsyncSession, document_id: UUID, content: bytes) -> None:
        session.add(DocumentContent(document_id=document_id, content=content))

    async def get(self, session: Reader, document_id: UUID) -> bytes | None:
        row = await session.get(DocumentContent, document_id)
        return row.content if row else None

    async def erase(self, session: AsyncSession, document_id: UUID) -> None:
        await session.execute(delete(DocumentContent).where(DocumentContent.document_id == document_id))


class FolderStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, document_id: UUID) -> Path:
        # Named by our own id: nothing of what the client calls the file reaches the file system.
        return self._folder / document_id.hex[-2:] / document_id.hex

    async def put(self, session: AsyncSession, document_id: UUID, content: bytes) -> None:  # noqa: ARG002  # the protocol's
        def write() -> None:
            path = self.path_of(document_id)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half_written = path.with_suffix(".new")
            half_written.write_bytes(content)
            half_written.replace(path)

        await asyncio.to_thread(write)

    async def get(self, session: Reader, document_id: UUID) -> bytes | None:  # noqa: ARG002  # the protocol's
        try:
            return await asyncio.to_thread(self.path_of(document_id).read_bytes)
        except FileNotFoundError:
            return None

    async def erase(self, session: AsyncSession, document_id: UUID) -> None:  # noqa: ARG002  # the protocol's
        await asyncio.to_thread(self.path_of(document_id).unlink, missing_ok=True)
