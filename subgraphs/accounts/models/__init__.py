"""Accounts' tables."""

from subgraphs.accounts.models.alert import Alert, Parameter
from subgraphs.accounts.models.consent import Consent, ConsentNotice, ConsentText
from subgraphs.accounts.models.dead_letter_act import DeadLetterAct, DeadLetterAction
from subgraphs.accounts.models.device import KnownDevice, SignInUnlock
from subgraphs.accounts.models.identity_check import AuditEntry, IdentityCheck, Upload
from subgraphs.accounts.models.message import OutgoingMessage
from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.models.representation import Representation
from subgraphs.accounts.models.screening import Screening, ScreeningHit
from subgraphs.accounts.models.session import AttemptCounter, RefreshToken, Session, SigningKey
from subgraphs.accounts.models.standing import Engagement, RetainedRecord, WalletBalance
from subgraphs.accounts.models.user import Confirmation, PasswordReset, RecoveryCode, SecondFactor, User
from subgraphs.accounts.models.vocabulary import (
    OPEN_CHECKS,
    AccountKind,
    AuditAction,
    Channel,
    CheckStatus,
    ConsentAct,
    ConsentStatus,
    EngagementKind,
    HitStatus,
    IdentityStatus,
    Power,
    Profile,
    ScreeningList,
    SessionEnd,
    StaffRole,
)

__all__ = [
    "OPEN_CHECKS",
    "AccountKind",
    "Alert",
    "AttemptCounter",
    "AuditAction",
    "AuditEntry",
    "Base",
    "Channel",
    "CheckStatus",
    "Confirmation",
    "Consent",
    "ConsentAct",
    "ConsentNotice",
    "ConsentStatus",
    "ConsentText",
    "DeadLetterAct",
    "DeadLetterAction",
    "Engagement",
    "EngagementKind",
    "HitStatus",
    "IdentityCheck",
    "IdentityStatus",
    "KnownDevice",
    "OutgoingMessage",
    "Parameter",
    "PasswordReset",
    "Power",
    "Profile",
    "RecoveryCode",
    "RefreshToken",
    "Representation",
    "RetainedRecord",
    "Screening",
    "ScreeningHit",
    "ScreeningList",
    "SecondFactor",
    "Session",
    "SessionEnd",
    "SignInUnlock",
    "SigningKey",
    "StaffRole",
    "Upload",
    "User",
    "WalletBalance",
]
