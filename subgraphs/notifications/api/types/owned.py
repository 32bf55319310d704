"""Which domain owns each `Node`: whom to ask whether an id is one of its things, and what then stands for it here."""

from collections.abc import Mapping
from typing import Any

import strawberry

from subgraphs.notifications.api.types.activity import (
    AgroScore,
    Deposit,
    Investment,
    MoneyClaim,
    PaymentReturn,
    Payout,
    QuotaPurchase,
    ReceivedPayment,
    Renegotiation,
    Stub,
    Withdrawal,
)
from subgraphs.notifications.api.types.notification import Notification
from subgraphs.notifications.api.types.subject import (
    CPR,
    CreditRequest,
    IdentityCheck,
    Installment,
    Offering,
    QuotaOffer,
)
from subgraphs.notifications.api.types.user import User
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.node import Node


@strawberry.federation.type(keys=["id"], description=descriptions.WALLET)
class Wallet(Stub, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.CHARGE)
class Charge(Stub, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.DISTRIBUTION)
class Distribution(Stub, Node):
    pass


ENTITIES = (Wallet, Charge, Distribution)
"""Those that stand in no time line and that no notification is about."""

OWNED: Mapping[str, tuple[Any, ...]] = {
    "accounts": (User, IdentityCheck),
    "credit": (CreditRequest, AgroScore),
    "contracts": (CPR, Installment, Renegotiation, ReceivedPayment),
    "marketplace": (Offering, Investment, QuotaOffer, QuotaPurchase),
    "wallet": (Wallet, Charge, Deposit, Withdrawal, PaymentReturn, MoneyClaim),
    "distribution": (Distribution, Payout),
    "notifications": (Notification,),
}
"""
By domain, the types that are `Node`s.

Two entities are none, since their ids are another's first: a `LateInstallment` has its installment's, a
`QuotaPosition` the investment's or the purchase's that it came from.
"""
