"""Proposals of staff in the graph: what all domains say of theirs alike."""

import strawberry

from subgraphs.shared.proposals import ProposalStatus

strawberry.enum(ProposalStatus, name="ProposalStatus", description="How far a proposal of staff has come.")

REASON_DESCRIPTION = "Kept for the audit, 5 to 500 characters."

__all__ = ["REASON_DESCRIPTION", "ProposalStatus"]
