"""The ledger as staff see it."""

from datetime import date, datetime
from typing import Any, Self

import strawberry

from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight
from subgraphs.wallet import models
from subgraphs.wallet.api import loaders
from subgraphs.wallet.api.context import Context, Info
from subgraphs.wallet.api.types.money_claim import MoneyClaim
from subgraphs.wallet.api.types.payment_return import Payer, PaymentReturn
from subgraphs.wallet.api.types.vocabulary import AccountKind, Side, TransferKind
from subgraphs.wallet.domain import books
from subgraphs.wallet.models import ChargeMethod


@strawberry.type(description="One side of a transfer, on one account.")
class LedgerEntry:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    account_code: str = strawberry.field(description="Unique and readable: `bank`, `escrow:<cpr>`, `available:<user>`.")
    account_kind: AccountKind = strawberry.field(description="What the account is for.")
    owner_id: strawberry.ID | None = strawberry.field(description="The person whose account it is.")
    side: Side = strawberry.field(description="Whether it is a debit or a credit.")
    amount: Money = strawberry.field(description="Always above zero; the side says which way.")
    balance_after: Money = strawberry.field(description="The account's balance after this entry.")

    @classmethod
    def seen_by(cls, context: Context, entry: models.LedgerEntry, account: models.LedgerAccount) -> Self:
        """For staff, who look at somebody's money where the account is a person's."""
        if account.owner_id:
            context.may_see(account.owner_id, Sight.MONEY)
        return cls(
            id=strawberry.ID(str(entry.id)),
            account_code=account.code,
            account_kind=account.kind,
            owner_id=strawberry.ID(str(account.owner_id)) if account.owner_id else None,
            side=entry.side,
            amount=Money.of_minor(entry.amount_minor),
            balance_after=Money.of_minor(entry.balance_after_minor),
        )


@strawberry.type(description="Money that moved from some accounts to others.")
class LedgerTransfer:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    kind: TransferKind = strawberry.field(description="Why it moved.")
    reference: strawberry.ID = strawberry.field(description="The deposit, investment, CPR, payout, … it belongs to.")
    reverses_id: strawberry.ID | None = strawberry.field(description="The transfer that this one undoes.")
    occurred_at: datetime = strawberry.field(description="When it moved.")

    @strawberry.field(description="Debits first; they equal the credits.", directives=[sized(4)])
    async def entries(self, info: Info) -> list[LedgerEntry]:
        pairs = await info.context.loader(loaders.entries_by_transfer).load(require_id(self.id))
        return [LedgerEntry.seen_by(info.context, entry, account) for entry, account in pairs]

    @strawberry.field(description="How much moved in all.")
    async def amount(self, info: Info) -> Money:
        pairs = await info.context.loader(loaders.entries_by_transfer).load(require_id(self.id))
        return Money.of_minor(sum(entry.amount_minor for entry, _ in pairs if entry.side is Side.DEBIT))

    @classmethod
    def from_model(cls, transfer: models.LedgerTransfer) -> Self:
        return cls(
            id=strawberry.ID(str(transfer.id)),
            kind=transfer.kind,
            reference=strawberry.ID(str(transfer.reference_id)),
            reverses_id=strawberry.ID(str(transfer.reverses_id)) if transfer.reverses_id else None,
            occurred_at=transfer.occurred_at,
        )


@strawberry.type(description="A part of the ledger, newest first.")
class LedgerTransferPage:
    nodes: list[LedgerTransfer] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
    csv_path: str = strawberry.field(
        description="The whole list (this filter) as a file for spreadsheets, a row per entry, the oldest first: GET "
        "it with an access token."
    )
    pdf_path: str = strawberry.field(description="The same to read and keep.")


@strawberry.input(description="Which transfers; what is left out does not restrict.")
class LedgerTransferFilter:
    kinds: list[TransferKind] | None = strawberry.field(default=None, description="Of any of these kinds.")
    from_: date | None = strawberry.field(name="from", default=None, description="First day, in Brasília.")
    to: date | None = strawberry.field(default=None, description="Last day, in Brasília.")
    user_id: strawberry.ID | None = strawberry.field(default=None, description="On an account of this person.")
    reference: strawberry.ID | None = strawberry.field(
        default=None, description="Of this deposit, investment, CPR, payout or the like, by its id."
    )

    def in_path(self) -> dict[str, Any]:
        """The same filter, for the path of a file."""
        return {
            "first_day": self.from_,
            "last_day": self.to,
            "kinds": None if self.kinds is None else [kind.value for kind in self.kinds],
            "user_id": self.user_id,
            "reference": self.reference,
        }


@strawberry.type(description="Whether the ledger says what it must: sums, clearing accounts, hash chains.")
class BooksCheck:
    balanced: bool = strawberry.field(description="Whether no problem was found.")
    problems: list[str] = strawberry.field(description="What was found, in English; none while all is well.")
    entries: str = strawberry.field(description="How many entries there were, as a whole number in a text.")
    digest: str = strawberry.field(description="Stands for all hash chains; noted elsewhere it proves them later.")
    checked_at: datetime = strawberry.field(description="When it was checked.")
    since: datetime | None = strawberry.field(
        description="What was verified by then was not looked at again; null where all of it was."
    )

    @classmethod
    def of(cls, report: books.BooksReport, *, at: datetime) -> Self:
        return cls(
            balanced=report.balanced,
            problems=list(report.problems),
            entries=str(report.entries),
            digest=report.digest,
            checked_at=at,
            since=report.since.verified_at if report.since else None,
        )

    @classmethod
    def from_model(cls, kept: models.BooksCheck, since: models.VerifiedPlace | None) -> Self:
        return cls(
            balanced=not kept.problems,
            problems=list(kept.problems),
            entries=str(kept.entries),
            digest=kept.digest,
            checked_at=kept.checked_at,
            since=since.verified_at if since else None,
        )


@strawberry.type(description="A payment that could not be placed: no charge we know, or another amount.")
class SuspendedPayment:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    end_to_end_id: str = strawberry.field(description="Its own name in the payment system.")
    txid: str = strawberry.field(description="The charge's name that it came with.")
    method: ChargeMethod = strawberry.field(description="How it was paid.")
    amount: Money = strawberry.field(description="How much came.")
    paid_at: datetime = strawberry.field(description="When it was paid.")
    received_at: datetime = strawberry.field(description="When we heard of it.")
    note: str = strawberry.field(description="Why it could not be placed.")
    likely_payer_id: strawberry.ID | None = strawberry.field(description="Whose charge it names, if it names one.")

    @strawberry.field(description="Who made it; null where their bank did not tell.")
    async def payer(self, info: Info) -> Payer | None:
        found = await info.context.loader(loaders.payers_by_payment).load(require_id(self.id))
        return Payer.from_port(found) if found else None

    @strawberry.field(description="What of it is still in suspense.")
    async def left(self, info: Info) -> Money:
        return Money.of_minor(await info.context.loader(loaders.left_in_suspense_by_payment).load(require_id(self.id)))

    @strawberry.field(
        description="What went back to its payer, or is on the way there, or failed to arrive; the oldest first.",
        directives=[sized(3)],
    )
    async def returns(self, info: Info) -> list[PaymentReturn]:
        found = await info.context.loader(loaders.returns_by_payment).load(require_id(self.id))
        return [PaymentReturn.from_model(made) for made in found]

    @strawberry.field(description="What its payer's bank wants back or has, the oldest first.", directives=[sized(3)])
    async def claims(self, info: Info) -> list[MoneyClaim]:
        found = await info.context.loader(loaders.claims_by_payment).load(require_id(self.id))
        return [MoneyClaim.from_model(claim) for claim in found]

    @classmethod
    def seen_by(cls, context: Context, payment: models.GatewayPayment, charge: models.Charge | None) -> Self:
        """For staff, who look at somebody's money where it is known whose it may be."""
        if charge:
            context.may_see(charge.payer_id, Sight.MONEY)
        return cls(
            id=strawberry.ID(str(payment.id)),
            end_to_end_id=payment.end_to_end_id,
            txid=payment.txid,
            method=payment.method,
            amount=Money.of_minor(payment.amount_minor),
            paid_at=payment.paid_at,
            received_at=payment.received_at,
            note=payment.note,
            likely_payer_id=strawberry.ID(str(charge.payer_id)) if charge else None,
        )


@strawberry.type(description="Payments in suspense, newest first.")
class SuspendedPaymentPage:
    nodes: list[SuspendedPayment] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
