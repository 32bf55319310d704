"""Accounts' enums in the graph."""

import strawberry

from subgraphs.accounts.domain.identity_checks import Decision
from subgraphs.accounts.domain.screening import HitDecision
from subgraphs.accounts.models import DeadLetterAction
from subgraphs.accounts.models.vocabulary import (
    AccountKind,
    AuditAction,
    Channel,
    CheckStatus,
    ConsentAct,
    ConsentStatus,
    HitStatus,
    IdentityStatus,
    Power,
    Profile,
    ScreeningList,
    SessionEnd,
    StaffRole,
)
from subgraphs.shared.graphql.vocabulary import ConsentPurpose
from subgraphs.shared.retention import Retention

strawberry.enum(Retention, name="Retention", description="A kind of data that outlives its person's account.")
strawberry.enum(Decision, name="IdentityDecision", description="What an analyst decides about an identity check.")
strawberry.enum(HitDecision, name="ScreeningDecision", description="CLEAR: it is somebody else. CONFIRM: it is them.")
strawberry.enum(DeadLetterAction, description="What administrators do to messages that could not be handled.")
strawberry.enum(AuditAction, name="AuditAction", description="What is written down about decisions on people.")
strawberry.enum(
    ScreeningList, description="SANCTIONS: who may have no business with anybody. PEP: politically exposed people."
)
strawberry.enum(
    HitStatus,
    name="ScreeningHitStatus",
    description="OPEN: an analyst decides. CLEARED: it is somebody else. CONFIRMED: it is them.",
)
strawberry.enum(ConsentAct, description="What somebody did about a text.")
strawberry.enum(ConsentStatus, description="Where somebody stands with what a text asks.")
strawberry.enum(SessionEnd, description="Why a sign-in ended.")
strawberry.enum(AccountKind, description="Whose account it is: a natural person's, a company's or a cooperative's.")
strawberry.enum(Power, name="RepresentativePower", description="What somebody may do for a company.")

strawberry.enum(Profile, description="What a person does here: asks for credit, or gives it. One may do both.")
strawberry.enum(StaffRole, description="What a person of the platform's staff decides.")
strawberry.enum(IdentityStatus, description="How far a person's identity is proved.")
strawberry.enum(Channel, name="ContactChannel", description="How a person is reached.")
strawberry.enum(CheckStatus, name="IdentityCheckStatus", description="Where one identity check stands.")

__all__ = [
    "AccountKind",
    "AuditAction",
    "Channel",
    "CheckStatus",
    "ConsentAct",
    "ConsentPurpose",
    "ConsentStatus",
    "DeadLetterAction",
    "Decision",
    "HitDecision",
    "HitStatus",
    "IdentityStatus",
    "Power",
    "Profile",
    "Retention",
    "ScreeningList",
    "SessionEnd",
    "StaffRole",
]
