"""Money that a person takes out."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.money import format_brl
from subgraphs.wallet import models
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.messages import WITHDRAWAL_SUMMARIES
from subgraphs.wallet.api.types.activity import Activity
from subgraphs.wallet.api.types.bank_account import BankAccount
from subgraphs.wallet.api.types.vocabulary import WithdrawalStatus


@strawberry.federation.type(keys=["id"], description=descriptions.WITHDRAWAL)
class Withdrawal(Activity, Node):
    amount: Money = strawberry.field(description="How much was taken out.")
    status: WithdrawalStatus = strawberry.field(description="How far it has come.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    ended_at: datetime | None = strawberry.field(
        description="When it arrived or came back; null while it is on its way."
    )
    return_reason: str | None = strawberry.field(description="Why it came back; null of all others.")
    bank_account_id: strawberry.Private[UUID]

    @strawberry.federation.field(description="Where the money goes.")
    async def bank_account(self, info: Info) -> BankAccount | None:
        account = await info.context.loader(loaders.bank_accounts_by_id).load(self.bank_account_id)
        if account is None or account.details_sealed is None:
            return None
        return BankAccount.from_model(account, info.context.services.vault)

    @classmethod
    def from_model(cls, withdrawal: models.Withdrawal) -> Self:
        return cls(
            id=strawberry.ID(str(withdrawal.id)),
            occurred_at=withdrawal.ended_at or withdrawal.requested_at,
            summary=WITHDRAWAL_SUMMARIES[withdrawal.status].format(amount=format_brl(withdrawal.amount_minor)),
            amount=Money.of_minor(withdrawal.amount_minor),
            status=withdrawal.status,
            requested_at=withdrawal.requested_at,
            ended_at=withdrawal.ended_at,
            return_reason=withdrawal.return_reason,
            bank_account_id=withdrawal.bank_account_id,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        load = info.context.loader(loaders.withdrawals_by_id)
        found = await load.load_many([reference.id for reference in references])
        return [cls.from_model(withdrawal) if withdrawal else None for withdrawal in found]


@strawberry.type(description="A part of a person's withdrawals, newest first.")
class WithdrawalPage:
    nodes: list[Withdrawal] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
