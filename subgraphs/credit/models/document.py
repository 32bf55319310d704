"""Documents that support a request."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.credit.models.orm import Base


class Document(Base):
    """What is known of a document; its content lies in the store that the settings name."""

    __tablename__ = "documents"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    credit_request_id: Mapped[UUID] = mapped_column(ForeignKey("credit_requests.id"))
    farmer_id: Mapped[UUID]
    kind: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    """Found in the content, never taken from the name."""
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    """When the content was deleted at the person's wish (LGPD art. 18)."""

    __table_args__ = (
        # The same file sent twice, as happens on a weak network, is one document.
        UniqueConstraint("credit_request_id", "sha256"),
        Index("ix_documents_farmer_id", "farmer_id"),
    )


class DocumentContent(Base):
    """A document's bytes, where no folder is set."""

    __tablename__ = "document_contents"

    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
