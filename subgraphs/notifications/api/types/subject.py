"""`Notification.subject`: what a notification is about, opened in the graph. Its owner says what it is."""

from typing import Annotated, Any

import strawberry

from subgraphs.notifications import models
from subgraphs.notifications.api.types.activity import ENTITIES as ACTIVITIES
from subgraphs.notifications.api.types.activity import (
    AgroScore,
    Deposit,
    Investment,
    MoneyClaim,
    PaymentReturn,
    Payout,
    QuotaPurchase,
    Renegotiation,
    Stub,
    Withdrawal,
)
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.node import Node


@strawberry.federation.type(keys=["id"], description=descriptions.CPR)
class CPR(Stub, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.INSTALLMENT)
class Installment(Stub, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.OFFERING)
class Offering(Stub, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.CREDIT_REQUEST)
class CreditRequest(Stub, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.IDENTITY_CHECK)
class IdentityCheck(Stub, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.QUOTA_OFFER)
class QuotaOffer(Stub, Node):
    pass


@strawberry.type(description="Something of a kind that this version does not open: told by an older or newer one.")
class UnknownSubject:
    type_name: str = strawberry.field(description="The name of its kind.")
    subject_id: strawberry.ID = strawberry.field(description="Its id.")


ENTITIES: tuple[Any, ...] = (CPR, Installment, Offering, CreditRequest, IdentityCheck, QuotaOffer)
"""Those that stand in no time line."""

TYPES: dict[str, Any] = {type_.__name__: type_ for type_ in (*ENTITIES, *ACTIVITIES.values())}

NotificationSubject = Annotated[
    CPR
    | Installment
    | Offering
    | CreditRequest
    | IdentityCheck
    | QuotaOffer
    | AgroScore
    | Deposit
    | Investment
    | MoneyClaim
    | PaymentReturn
    | Payout
    | QuotaPurchase
    | Renegotiation
    | Withdrawal
    | UnknownSubject,
    strawberry.union("NotificationSubject", description="What a notification is about."),
]


def subject_of(notification: models.Notification) -> Any:
    """The entity that a notification is about; None where that is nothing that can be opened."""
    if notification.subject_type is None or notification.subject_id is None:
        return None
    subject_id = strawberry.ID(str(notification.subject_id))
    if (type_ := TYPES.get(notification.subject_type)) is None:
        return UnknownSubject(type_name=notification.subject_type, subject_id=subject_id)
    return type_(id=subject_id)
