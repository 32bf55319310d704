"""Money of people who have left, as administrators see it."""

from typing import Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.scopes import Sight
from subgraphs.wallet import models
from subgraphs.wallet.api.context import Context
from subgraphs.wallet.api.types.ledger import LedgerTransfer


@strawberry.type(description="Money in suspense because whose it would have been has closed their account.")
class UnclaimedCredit:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    owner_id: strawberry.ID = strawberry.field(description="The person whose it would have been.")
    amount: Money = strawberry.field(description="How much it is.")
    note: str = strawberry.field(description="Why it is not in a wallet.")
    transfer: LedgerTransfer = strawberry.field(
        description="What brought it: a payout, a released hold, a deposit or the like."
    )

    @classmethod
    def seen_by(cls, context: Context, credit: models.UnclaimedCredit, transfer: models.LedgerTransfer) -> Self:
        context.may_see(credit.user_id, Sight.MONEY)
        return cls(
            id=strawberry.ID(str(credit.id)),
            owner_id=strawberry.ID(str(credit.user_id)),
            amount=Money.of_minor(credit.amount_minor),
            note=credit.reason,
            transfer=LedgerTransfer.from_model(transfer),
        )


@strawberry.type(description="Credits that wait for a decision, newest first.")
class UnclaimedCreditPage:
    nodes: list[UnclaimedCredit] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
