"""A document of a request."""

from datetime import datetime

import strawberry

from subgraphs.credit import models
from subgraphs.credit.api.types.vocabulary import DocumentKind
from subgraphs.shared.graphql import descriptions


@strawberry.type(description="A document that supports a request. Its content is at `path` on credit's own address.")
class CreditDocument:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    kind: DocumentKind = strawberry.field(description="What it shows.")
    file_name: str = strawberry.field(description="The name that the farmer's file had, its end alone when it is long.")
    media_type: str = strawberry.field(description="Found in the content: application/pdf, image/jpeg or image/png.")
    size_bytes: int = strawberry.field(description="Its size in bytes.")
    uploaded_at: datetime = strawberry.field(description="When it was uploaded.")
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
