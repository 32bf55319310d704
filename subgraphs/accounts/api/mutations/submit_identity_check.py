"""Handing in a document and a selfie."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.identity_check import IdentityCheck
from subgraphs.accounts.domain import identity_checks, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input(description="Uploads made before by `POST /uploads`.")
class SubmitIdentityCheckInput:
    document_upload_id: strawberry.ID = strawberry.field(
        description="A photo or PDF of the document; of a company its articles (contrato or estatuto social)."
    )
    selfie_upload_id: strawberry.ID | None = strawberry.field(
        default=None, description="A photo of the face. Not of a company."
    )


@strawberry.type
class SubmitIdentityCheckMutation:
    @mutation(
        refusals.IdentityAlreadyVerified,
        refusals.IdentityCheckInProgress,
        refusals.UploadNotFound,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Have the identity checked, one's own or that of the company one acts for. "
        "The result comes later: User.identityStatus.",
        directives=[ONCE],
    )
    async def submit_identity_check(self, info: Info, input: SubmitIdentityCheckInput) -> IdentityCheck:
        check = await identity_checks.submit_check(
            info.context.services,
            actor=info.context.identity,
            document_id=require_id(input.document_upload_id),
            selfie_id=None if input.selfie_upload_id is None else require_id(input.selfie_upload_id),
        )
        return IdentityCheck.from_model(check)
