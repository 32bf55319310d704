"""Contracts' own words as GraphQL enums."""

import strawberry

from subgraphs.contracts.models.vocabulary import CPRStatus, InstallmentStatus

__all__ = ["CPRStatus", "InstallmentStatus"]

strawberry.enum(CPRStatus, description="A CPR's life, in its usual order.")
strawberry.enum(InstallmentStatus, description="Where one installment stands.")
