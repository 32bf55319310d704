"""
`Activity`: what a person's time line holds.

The interface spans domains. Here only the order is known and which entity each entry is; the owners give every entry
its instant and its words, which the router fetches by key.
"""

from typing import Any

import strawberry

from subgraphs.notifications import models
from subgraphs.notifications.api.context import Info
from subgraphs.notifications.models import ActivityType
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo


@strawberry.interface(description=descriptions.ACTIVITY)
class Activity:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)


class Stub:
    """An entity of another domain, known here by its key."""

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Any]:
        # The key is all there is here; whether a signed-in asker may see more, the owner decides.
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.values["id"]))) for reference in references]  # type: ignore[call-arg]  # every subclass is a Strawberry type with an id


@strawberry.federation.type(keys=["id"], description=descriptions.DEPOSIT)
class Deposit(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.WITHDRAWAL)
class Withdrawal(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.PAYMENT_RETURN)
class PaymentReturn(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.MONEY_CLAIM)
class MoneyClaim(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.INVESTMENT)
class Investment(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.PAYOUT)
class Payout(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.QUOTA_PURCHASE)
class QuotaPurchase(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.AGRO_SCORE)
class AgroScore(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.RECEIVED_PAYMENT)
class ReceivedPayment(Stub, Activity, Node):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.LATE_INSTALLMENT)
class LateInstallment(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description=descriptions.RENEGOTIATION)
class Renegotiation(Stub, Activity, Node):
    pass


ENTITIES: dict[ActivityType, Any] = {
    ActivityType.DEPOSIT: Deposit,
    ActivityType.WITHDRAWAL: Withdrawal,
    ActivityType.PAYMENT_RETURN: PaymentReturn,
    ActivityType.MONEY_CLAIM: MoneyClaim,
    ActivityType.INVESTMENT: Investment,
    ActivityType.PAYOUT: Payout,
    ActivityType.QUOTA_PURCHASE: QuotaPurchase,
    ActivityType.AGRO_SCORE: AgroScore,
    ActivityType.RECEIVED_PAYMENT: ReceivedPayment,
    ActivityType.LATE_INSTALLMENT: LateInstallment,
    ActivityType.RENEGOTIATION: Renegotiation,
}


def entity_of(model: models.Activity) -> Activity:
    """The entity that a time line's entry stands for."""
    entity: Activity = ENTITIES[ActivityType(model.type)](id=strawberry.ID(str(model.id)))
    return entity


@strawberry.type(description="A part of a time line, newest first.")
class ActivityPage:
    nodes: list[Activity | None] = strawberry.field(
        description="What happened, each told by the domain it happened in; null for what that shows no more."
    )
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
