"""A document of a request."""

from datetime import datetime

import strawberry

from subgraphs.credit import models
from subgraphs.credit.api.types.vocabulary import DocumentKind


@strawberry.type(description="A document that supports a request. Its content is at `path` on credit's own address.")
class CreditDocument:
    id: strawberry.ID
    kind: DocumentKind
    file_name: str
    media_type: str = strawberry.field(description="Found in the content: application/pdf, image/jpeg or image/png.")
    size_bytes: int
    uploaded_at: datetime
    path: str = strawberry.field(description="GET it with an access token; the farmer's and staff's only.")

    @classmethod
    def from_model(cls, document: models.Document) -> "CreditDocument":
        return cls(
            id=strawberry.ID(str(document.id)),
            kind=DocumentKind(document.kind),
            file_name=document.file_name,
            media_type=document.media_type,
            size_bytes=document.size_bytes,
            uploaded_at=document.uploaded_at,
            path=f"/credit/documents/{document.id}",
        )
