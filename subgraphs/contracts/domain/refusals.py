"""What the rules of contracts say no to."""

from dataclasses import dataclass
from uuid import UUID

from subgraphs.contracts.models.vocabulary import CPRStatus
from subgraphs.shared.refusal import Refusal


@dataclass
class CPRNotFound(Refusal):
    """There is no such CPR, or it is not the asker's."""

    cpr_id: UUID


@dataclass
class CPRNotSignable(Refusal):
    """Only a drafted CPR can be signed."""

    cpr_status: CPRStatus


@dataclass
class CPRDocumentChanged(Refusal):
    """The text that the farmer saw is not the text there is now."""

    document_digest: str
    """Of the text there is now."""
