"""A person's money, and the person as the wallet sees them."""

from datetime import date, timedelta
from typing import Annotated, Self
from uuid import UUID

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.looks import StaffLookPage, looks_field
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight
from subgraphs.wallet import crud
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.days import start_of_day
from subgraphs.wallet.api.file_paths import statement_path
from subgraphs.wallet.api.types.bank_account import BankAccount
from subgraphs.wallet.api.types.money_claim import MoneyClaim
from subgraphs.wallet.api.types.money_out import MoneyOut
from subgraphs.wallet.api.types.statement import StatementEntry, StatementKind, StatementPage
from subgraphs.wallet.api.types.withdrawal import Withdrawal, WithdrawalPage
from subgraphs.wallet.crud.wallets import WalletBalances
from subgraphs.wallet.domain import money_out


@strawberry.federation.type(keys=["id"], description=descriptions.WALLET)
class Wallet(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    available: Money = strawberry.federation.field(description="Free to use.")
    held: Money = strawberry.federation.field(description="Set aside for investments; still the owner's.")
    processing: Money = strawberry.federation.field(description="On its way to the owner's bank.")
    user_id: strawberry.Private[UUID]
    available_id: strawberry.Private[UUID]

    @strawberry.federation.field(
        description="What payers' banks want back and the owner has, or owes; newest first.", directives=[sized(4)]
    )
    async def claims(self, info: Info) -> list[MoneyClaim]:
        found = await info.context.loader(loaders.unfinished_claims_by_user).load(self.user_id)
        return [MoneyClaim.from_model(claim) for claim in found]

    @strawberry.federation.field(description="What changed the available balance, newest first.", directives=[PAGED])
    async def statement(
        self,
        info: Info,
        *,
        from_: Annotated[date | None, strawberry.argument(name="from", description="First day, in Brasília.")] = None,
        to: Annotated[date | None, strawberry.argument(description="Last day, in Brasília.")] = None,
        kinds: Annotated[
            list[StatementKind] | None,
            strawberry.argument(description="Only changes for any of these reasons; all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> StatementPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await crud.ledger.list_movements(
                session,
                self.available_id,
                since=start_of_day(from_) if from_ else None,
                until=start_of_day(to + timedelta(days=1)) if to else None,
                kinds=None if kinds is None else [kind.transfer_kind for kind in kinds],
                before=page.after.id if page.after else None,
                limit=page.limit,
            )
        kept, page_info = cut_page(found, page, lambda pair: Cursor(at=pair[1].occurred_at, id=pair[0].id))
        kind_names = None if kinds is None else [kind.value for kind in kinds]
        return StatementPage(
            nodes=[StatementEntry.from_models(*pair) for pair in kept],
            page_info=page_info,
            csv_path=statement_path(self.id, "csv", first_day=from_, last_day=to, kinds=kind_names),
            pdf_path=statement_path(self.id, "pdf", first_day=from_, last_day=to, kinds=kind_names),
        )

    @strawberry.federation.field(description="Money taken out, newest first.", directives=[PAGED])
    async def withdrawals(self, info: Info, first: First = None, after: After = None) -> WithdrawalPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await crud.withdrawals.list_newest_withdrawals(
                session, self.user_id, before=page.place, limit=page.limit
            )
        kept, page_info = cut_page(found, page, lambda row: Cursor(at=row.requested_at, id=row.id))
        return WithdrawalPage(nodes=[Withdrawal.from_model(row) for row in kept], page_info=page_info)

    @strawberry.federation.field(description="What bounds the money that leaves.")
    async def money_out(self, info: Info) -> MoneyOut | None:
        async with info.context.read() as session:
            bounds = await money_out.get_bounds(session, self.user_id, now=info.context.clock.now())
        return MoneyOut.from_bounds(bounds)

    @classmethod
    def from_balances(cls, balances: WalletBalances) -> Self:
        return cls(
            id=strawberry.ID(str(balances.wallet.id)),
            available=Money.of_minor(balances.available_minor),
            held=Money.of_minor(balances.held_minor),
            processing=Money.of_minor(balances.processing_minor),
            user_id=balances.wallet.user_id,
            available_id=balances.wallet.available_id,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        load = info.context.loader(loaders.wallets_by_id)
        found = await load.load_many([reference.id for reference in references])
        return [cls.from_balances(balances) if balances else None for balances in found]


@strawberry.federation.type(keys=["id"], description=descriptions.USER)
class User:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    money_looks: StaffLookPage | None = looks_field("their money in the books")

    @strawberry.federation.field(description="The person's money; null for others, and for seconds after signing up.")
    async def wallet(self, info: Info) -> Wallet | None:
        user_id = require_id(self.id)
        if not info.context.shows_own(user_id, Sight.MONEY):
            return None
        balances = await info.context.loader(loaders.wallets_by_user).load(user_id)
        return Wallet.from_balances(balances) if balances else None

    @strawberry.federation.field(description="Where the person's withdrawals may go; null for others.")
    async def bank_accounts(self, info: Info) -> list[BankAccount] | None:
        user_id = require_id(self.id)
        if not info.context.shows_own(user_id, Sight.MONEY):
            return None
        accounts = await info.context.loader(loaders.bank_accounts_by_user).load(user_id)
        return [BankAccount.from_model(account, info.context.services.vault) for account in accounts]

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        if info.context.is_anonymous:
            return [None] * len(references)
        return [cls(id=strawberry.ID(str(reference.id))) for reference in references]
