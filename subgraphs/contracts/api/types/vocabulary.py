"""Contracts' own words as GraphQL enums."""

import strawberry

from subgraphs.contracts.models.vocabulary import (
    CollectionStepKind,
    CPRStatus,
    InstallmentStatus,
    RenegotiationStatus,
    Silence,
)

__all__ = ["CPRStatus", "CollectionStepKind", "InstallmentStatus", "RenegotiationStatus", "Silence"]

strawberry.enum(CollectionStepKind, description="What is done to collect a debt that is in default.")
strawberry.enum(CPRStatus, description="A CPR's life, in its usual order.")
strawberry.enum(InstallmentStatus, description="Where one installment stands.")
strawberry.enum(RenegotiationStatus, description="Where a renegotiation stands.")
strawberry.enum(Silence, description="What it means that a holder does not vote on a renegotiation.")
