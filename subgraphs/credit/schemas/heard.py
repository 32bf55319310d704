"""What credit reads of other domains' facts: only the fields that it needs."""

from datetime import datetime
from uuid import UUID

from subgraphs.shared.messaging.event import EventPayload


class IdentityVerified(EventPayload, type="accounts.identity_verified.v2", subject="user_id"):
    user_id: UUID


class IdentityVerifiedV1(IdentityVerified, type="accounts.identity_verified.v1", subject="user_id"):
    """One that was on its way when accounts stopped telling names."""


class AccountClosed(EventPayload, type="accounts.account_closed.v1", subject="user_id"):
    user_id: UUID


class CPRDrafted(EventPayload, type="contracts.cpr_drafted.v1", subject="cpr_id"):
    cpr_id: UUID
    credit_request_id: UUID
    farmer_id: UUID


class CPRRegistered(EventPayload, type="contracts.cpr_registered.v1", subject="cpr_id"):
    cpr_id: UUID
    credit_request_id: UUID
    farmer_id: UUID
    registered_at: datetime


class CPRDefaulted(EventPayload, type="contracts.cpr_defaulted.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRRecovered(EventPayload, type="contracts.cpr_recovered.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRRenegotiated(EventPayload, type="contracts.cpr_renegotiated.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID


class CPRSettled(EventPayload, type="contracts.cpr_settled.v1", subject="cpr_id"):
    cpr_id: UUID
    farmer_id: UUID
