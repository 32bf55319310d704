"""`signCPR`: the farmer signs."""

import strawberry

from subgraphs.contracts.api.types.cpr import CPR
from subgraphs.contracts.domain import refusals, signing
from subgraphs.shared import scopes
from subgraphs.shared.graphql.context import Info
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.idempotency import KEY_DESCRIPTION, check_key


@strawberry.input(description="Which CPR to sign, and the text that was seen.")
class SignCPRInput:
    cpr_id: strawberry.ID = strawberry.field(description="The id of one's own drafted CPR.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    document_digest: str | None = strawberry.field(
        default=None, description="`documentDigest` of the text the farmer saw; another text is then refused."
    )


@mutation(
    refusals.CPRNotFound,
    refusals.CPRNotSignable,
    refusals.CPRDocumentChanged,
    name="signCPR",
    description="Have one's own CPR signed and registered; both providers answer later.",
)
async def sign_cpr(info: Info, input: SignCPRInput) -> CPR:
    actor = info.context.require(scopes.FARMER)
    command = signing.SignCPR(
        cpr_id=require_id(input.cpr_id),
        document_digest=input.document_digest,
        idempotency_key=check_key(input.idempotency_key),
    )
    async with info.context.begin() as session:
        cpr = await signing.request_signature(session, command, actor=actor, now=info.context.clock.now())
    return CPR.from_model(cpr)
