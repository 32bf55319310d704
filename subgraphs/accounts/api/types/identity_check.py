"""An identity check in the graph: for its person and for staff."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from subgraphs.accounts import models
from subgraphs.accounts.api import loaders
from subgraphs.accounts.api.context import Context, Info
from subgraphs.accounts.api.types.vocabulary import AuditAction, CheckStatus
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.scopes import Sight

if TYPE_CHECKING:
    from subgraphs.accounts.api.types.user import User


@strawberry.type(description="An uploaded file. Its content is at `GET /uploads/{id}`, for its owner and for staff.")
class UploadedFile:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    media_type: str = strawberry.field(description="What it is: image/jpeg, image/png or application/pdf.")
    size_bytes: int = strawberry.field(description="Its size in bytes.")
    uploaded_at: datetime = strawberry.field(description="When it was uploaded.")
    erased: bool = strawberry.field(description="Whether the content is gone, because nothing needs it any more.")
    path: str = strawberry.field(description="Where accounts serves the content: ask with an access token.")

    @classmethod
    def from_model(cls, row: models.Upload) -> "UploadedFile":
        return cls(
            id=strawberry.ID(str(row.id)),
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            uploaded_at=row.created_at,
            erased=row.erased_at is not None,
            path=f"/uploads/{row.id}",
        )


@strawberry.type(description="One step of an identity check: what happened, by whom, and why.")
class IdentityCheckStep:
    action: AuditAction = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    actor_id: strawberry.ID | None = strawberry.field(description="Who decided; null when it was automatic.")
    reason: str | None = strawberry.field(description="Why, where somebody or the verifier said so.")

    @classmethod
    def from_model(cls, row: models.AuditEntry) -> "IdentityCheckStep":
        return cls(
            action=AuditAction(row.action),
            occurred_at=row.occurred_at,
            actor_id=None if row.actor_id is None else strawberry.ID(str(row.actor_id)),
            reason=row.reason,
        )


@strawberry.federation.type(keys=["id"], description=descriptions.IDENTITY_CHECK)
class IdentityCheck(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    status: CheckStatus = strawberry.field(description="Where it stands.")
    submitted_at: datetime = strawberry.field(description="When it was sent in.")
    decided_at: datetime | None = strawberry.field(
        description="When it was decided, by the verifier or an analyst; null until then."
    )
    reason: str | None = strawberry.field(description="Why it was rejected, or what a new upload should show.")
    row: strawberry.Private[models.IdentityCheck]

    @strawberry.field(description="Whose identity it is.")
    async def user(self, info: Info) -> Annotated["User", strawberry.lazy("subgraphs.accounts.api.types.user")]:
        from subgraphs.accounts.api.types.user import User  # noqa: PLC0415  # User shows its checks: a circle

        found = await info.context.loader(loaders.users_by_id).load(self.row.user_id)
        assert found is not None  # noqa: S101  # a foreign key says so
        return User.from_model(found)

    @strawberry.field(
        description="The document that was uploaded; of a company its articles (contrato or estatuto social)."
    )
    async def document(self, info: Info) -> UploadedFile:
        return UploadedFile.from_model(await info.context.loader(loaders.uploads_by_id).load(self.row.document_id))

    @strawberry.field(description="The photo of the face; null of a company.")
    async def selfie(self, info: Info) -> UploadedFile | None:
        if self.row.selfie_id is None:
            return None
        return UploadedFile.from_model(await info.context.loader(loaders.uploads_by_id).load(self.row.selfie_id))

    @strawberry.field(description="What has been decided so far, the earliest first. Staff only; null for others.")
    async def history(self, info: Info) -> list[IdentityCheckStep] | None:
        if not info.context.is_staff:
            return None
        rows = await info.context.loader(loaders.audit_by_subject).load(self.row.id)
        return [IdentityCheckStep.from_model(row) for row in rows]

    @classmethod
    def from_model(cls, row: models.IdentityCheck) -> "IdentityCheck":
        return cls(
            id=strawberry.ID(str(row.id)),
            status=row.status,
            submitted_at=row.submitted_at,
            decided_at=row.decided_at,
            reason=row.reason,
            row=row,
        )

    @classmethod
    def seen_by(cls, context: Context, row: models.IdentityCheck | None) -> "IdentityCheck | None":
        """*row* for its person and for staff; None for everybody else."""
        if row is None or context.is_anonymous:
            return None
        return cls.from_model(row) if context.may_see(row.user_id, Sight.IDENTITY) else None

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["IdentityCheck | None"]:
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.checks_by_id).load_many([reference.id for reference in references])
        return [cls.seen_by(info.context, row) for row in rows]


@strawberry.type(description="A page of identity checks, those waiting longest first.")
class IdentityCheckPage:
    nodes: list[IdentityCheck] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
