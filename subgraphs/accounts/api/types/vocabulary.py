"""Accounts' enums in the graph."""

import strawberry

from subgraphs.accounts.models.vocabulary import Channel, CheckStatus, IdentityStatus, Profile, StaffRole

__all__ = ["Channel", "CheckStatus", "IdentityStatus", "Profile", "StaffRole"]

strawberry.enum(Profile, description="What a person does here: asks for credit, or gives it. One may do both.")
strawberry.enum(StaffRole, description="What a person of the platform's staff decides.")
strawberry.enum(IdentityStatus, description="How far a person's identity is proved.")
strawberry.enum(Channel, name="ContactChannel", description="How a person is reached.")
strawberry.enum(CheckStatus, name="IdentityCheckStatus", description="Where one identity check stands.")
