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
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.paging import PageInfo


@strawberry.interface(description="Something that happened to a person.")
class Activity:
    id: strawberry.ID


class Stub:
    """An entity of another domain, known here by its key."""

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Any]:
        # The key is all there is here; whether a signed-in asker may see more, the owner decides.
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.values["id"]))) for reference in references]  # type: ignore[call-arg]  # every subclass is a Strawberry type with an id


@strawberry.federation.type(keys=["id"], description="Money that came in.")
class Deposit(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="Money that went out.")
class Withdrawal(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="A payment that goes back to who made it.")
class PaymentReturn(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="A payment that its payer's bank wants back.")
class MoneyClaim(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="Quotas bought.")
class Investment(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="An investor's part of a paid installment.")
class Payout(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="Quotas that one person buys of another.")
class QuotaPurchase(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="A credit score.")
class AgroScore(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="A payment that came for an installment.")
class ReceivedPayment(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="That an installment was found late.")
class LateInstallment(Stub, Activity):
    pass


@strawberry.federation.type(keys=["id"], description="New terms for what is left of a CPR.")
class Renegotiation(Stub, Activity):
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
    nodes: list[Activity | None]
    page_info: PageInfo
