"""Proposals of staff in the graph: what all domains say of theirs alike."""

import strawberry

from subgraphs.shared.proposals import ProposalStatus

strawberry.enum(ProposalStatus, name="ProposalStatus", description="How far a proposal of staff has come.")

KEY_DESCRIPTION = (
    "Made by the client, 8 to 64 characters; a UUID does well. The same request again with the same key is the same "
    "proposal, however it has ended."
)
REASON_DESCRIPTION = "Kept for the audit, 5 to 500 characters."

__all__ = ["KEY_DESCRIPTION", "REASON_DESCRIPTION", "ProposalStatus"]
