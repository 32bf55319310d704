"""Contracts' refusals as GraphQL types."""

import strawberry

from subgraphs.contracts.api.types.vocabulary import CPRStatus
from subgraphs.contracts.domain import refusals
from subgraphs.shared import refusal
from subgraphs.shared.graphql.refusals import Refusal


@strawberry.type(description="There is no such CPR, or it is not yours.")
class CPRNotFound(Refusal):
    cpr_id: strawberry.ID


@strawberry.type(description="Only a drafted CPR can be signed.")
class CPRNotSignable(Refusal):
    cpr_status: CPRStatus


@strawberry.type(description="The text to be signed is not the one that the digest was made of.")
class CPRDocumentChanged(Refusal):
    document_digest: str = strawberry.field(description="SHA-256 of the text there is now.")


REFUSAL_TYPES: dict[type[refusal.Refusal], type[Refusal]] = {
    refusals.CPRNotFound: CPRNotFound,
    refusals.CPRNotSignable: CPRNotSignable,
    refusals.CPRDocumentChanged: CPRDocumentChanged,
}
