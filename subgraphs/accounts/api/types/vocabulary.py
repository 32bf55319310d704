"""Accounts' enums in the graph."""

import strawberry

from subgraphs.accounts.models.vocabulary import (
    AccountKind,
    Channel,
    CheckStatus,
    IdentityStatus,
    Power,
    Profile,
    StaffRole,
)

__all__ = ["AccountKind", "Channel", "CheckStatus", "IdentityStatus", "Power", "Profile", "StaffRole"]

strawberry.enum(AccountKind, description="Whose account it is: a natural person's, a company's or a cooperative's.")
strawberry.enum(Power, name="RepresentativePower", description="What somebody may do for a company.")

strawberry.enum(Profile, description="What a person does here: asks for credit, or gives it. One may do both.")
strawberry.enum(StaffRole, description="What a person of the platform's staff decides.")
strawberry.enum(IdentityStatus, description="How far a person's identity is proved.")
strawberry.enum(Channel, name="ContactChannel", description="How a person is reached.")
strawberry.enum(CheckStatus, name="IdentityCheckStatus", description="Where one identity check stands.")
