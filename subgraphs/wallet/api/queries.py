"""What can be asked for by itself; most of the wallet is reached through `User` and `Installment`."""

from datetime import timedelta
from typing import Annotated

import strawberry
from graphql import GraphQLError

from subgraphs.shared import proposals
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.me import me_field
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.proposals import ProposalStatus
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.scopes import Sight
from subgraphs.wallet import crud
from subgraphs.wallet.api import loaders, types
from subgraphs.wallet.api.context import Info
from subgraphs.wallet.api.days import start_of_day
from subgraphs.wallet.api.file_paths import transfers_path
from subgraphs.wallet.domain import books, remittances, reversals
from subgraphs.wallet.domain.places import BooksKey
from subgraphs.wallet.domain.refusals import TransferNotFound
from subgraphs.wallet.domain.staff_moves import KINDS
from subgraphs.wallet.models import RemittanceStatus, ReturnStatus


@strawberry.type
class Query:
    me = me_field(types.User)

    @strawberry.field(description="One's own deposit, to see whether it has arrived.")
    async def deposit(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(
                description="The deposit's id; null comes for an unknown one, and for somebody else's."
            ),
        ],
    ) -> types.Deposit | None:
        charge = await info.context.loader(loaders.deposits_by_id).load(require_id(id))
        return types.Deposit.from_model(charge, now=info.context.clock.now()) if charge else None

    @strawberry.field(description="One's own withdrawal, to see how far it has come.")
    async def withdrawal(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(
                description="The withdrawal's id; null comes for an unknown one, and for somebody else's."
            ),
        ],
    ) -> types.Withdrawal | None:
        withdrawal = await info.context.loader(loaders.withdrawals_by_id).load(require_id(id))
        return types.Withdrawal.from_model(withdrawal) if withdrawal else None

    @strawberry.field(description="For staff: how money moved, newest first.", directives=[PAGED])
    async def ledger_transfers(
        self,
        info: Info,
        filter: Annotated[
            types.LedgerTransferFilter | None, strawberry.argument(description="Which transfers; all when left out.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> types.LedgerTransferPage:
        page = page_request(first, after)
        wanted = filter or types.LedgerTransferFilter()
        owner_id = require_id(wanted.user_id) if wanted.user_id else None
        if owner_id:
            # All that is found is theirs, also where the entries that would say so are not asked for.
            info.context.may_see(owner_id, Sight.MONEY)
        async with info.context.read() as session:
            found = await crud.ledger.list_transfers(
                session,
                kinds=wanted.kinds,
                since=start_of_day(wanted.from_) if wanted.from_ else None,
                until=start_of_day(wanted.to + timedelta(days=1)) if wanted.to else None,
                owner_id=owner_id,
                reference_id=require_id(wanted.reference) if wanted.reference else None,
                before=page.place,
                limit=page.limit,
            )
        kept, page_info = cut_page(found, page, lambda row: Cursor(at=row.occurred_at, id=row.id))
        return types.LedgerTransferPage(
            nodes=[types.LedgerTransfer.from_model(row) for row in kept],
            page_info=page_info,
            csv_path=transfers_path("csv", **wanted.in_path()),
            pdf_path=transfers_path("pdf", **wanted.in_path()),
        )

    @strawberry.field(
        description="For administrators: check what has come since the last whole check, or (`now: false`) what the "
        "hourly check found last; null before that. `TOO_MUCH_TO_CHECK` where too many entries have come."
    )
    async def books_check(
        self,
        info: Info,
        now: Annotated[
            bool, strawberry.argument(description="Check now, unless it is false: then what was found last.")
        ] = True,
    ) -> types.BooksCheck | None:
        if not now:
            async with info.context.read() as session:
                last = await crud.books.find_last_check(session)
                since = await crud.places.find_place(session, last.since) if last and last.since else None
            return types.BooksCheck.from_model(last, since) if last else None
        at, services = info.context.clock.now(), info.context.services
        try:
            # The gateway's list is the hourly check's to read: nobody waits for so many calls.
            report = await books.check_since_last(
                info.context.database,
                BooksKey.from_settings(services.settings),
                now=at,
                keep=False,
                entries_max=books.ENTRIES_AT_ONCE_MAX,
            )
        except books.TooMuchToCheck as error:
            raise GraphQLError(
                f"{error}: too many while people wait. Ask what the hourly check found last (`now: false`).",
                extensions={"code": "TOO_MUCH_TO_CHECK"},
            ) from None
        return types.BooksCheck.of(report, at=at)

    @strawberry.field(
        description="For staff: payments that could not be placed and wait for a decision.", directives=[PAGED]
    )
    async def suspended_payments(
        self, info: Info, first: First = None, after: After = None
    ) -> types.SuspendedPaymentPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await crud.charges.list_quarantined(session, before=page.place, limit=page.limit)
        kept, page_info = cut_page(found, page, lambda pair: Cursor(at=pair[0].received_at, id=pair[0].id))
        return types.SuspendedPaymentPage(
            nodes=[types.SuspendedPayment.seen_by(info.context, *pair) for pair in kept], page_info=page_info
        )

    @strawberry.field(
        description="For administrators and approvers: what staff propose to be done with money, the newest first.",
        directives=[PAGED],
    )
    async def money_proposals(
        self,
        info: Info,
        status: Annotated[
            ProposalStatus | None,
            strawberry.argument(description="Only those that have come so far; all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> types.MoneyProposalPage:
        page, now = page_request(first, after), info.context.clock.now()
        async with info.context.read() as session:
            found = await proposals.list_proposals(
                session, kinds=KINDS, status=status, before=page.place, limit=page.limit, now=now
            )
        kept, page_info = cut_page(found, page, lambda row: Cursor(at=row.proposed_at, id=row.id))
        return types.MoneyProposalPage(
            nodes=[types.MoneyProposal.seen_by(info.context, row, now=now) for row in kept], page_info=page_info
        )

    @strawberry.field(
        description="For administrators: what undoing a transfer would undo, before anybody proposes it; null where "
        "there is no such transfer."
    )
    async def reversal_preview(
        self,
        info: Info,
        transfer_id: Annotated[
            strawberry.ID, strawberry.argument(description="The id of any transfer of what is to be undone.")
        ],
    ) -> types.ReversalPreview | None:
        async with info.context.read() as session:
            try:
                cause_id = await reversals.find_fact(session, require_id(transfer_id))
            except TransferNotFound:
                return None
            return types.ReversalPreview.of(await reversals.look_at(session, cause_id))

    @strawberry.field(
        description="For administrators: withheld taxes on their way to the state, newest first.", directives=[PAGED]
    )
    async def tax_remittances(
        self,
        info: Info,
        status: Annotated[
            RemittanceStatus | None,
            strawberry.argument(description="Only those that have come so far; all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> types.TaxRemittancePage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await crud.remittances.list_remittances(
                session, status=status, before=page.after.id if page.after else None, limit=page.limit
            )
            late = await crud.remittances.list_late(session, [row.id for row in found])
        kept, page_info = cut_page(found, page, lambda row: Cursor(at=row.prepared_at, id=row.id))
        today = business_date(info.context.clock.now())
        return types.TaxRemittancePage(
            nodes=[
                types.TaxRemittance.from_model(row, remittances.shown(row, late.get(row.id, [])), today=today)
                for row in kept
            ],
            page_info=page_info,
        )

    @strawberry.field(
        description="For administrators: payments that went back to who made them, or are to.", directives=[PAGED]
    )
    async def payment_returns(
        self,
        info: Info,
        statuses: Annotated[
            list[ReturnStatus] | None,
            strawberry.argument(description="Only those that stand at any of these; all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> types.PaymentReturnPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await crud.returns.list_newest(session, statuses=statuses, before=page.place, limit=page.limit)
        kept, page_info = cut_page(found, page, lambda pair: Cursor(at=pair[0].requested_at, id=pair[0].id))
        return types.PaymentReturnPage(
            nodes=[types.PaymentReturnRecord.seen_by(info.context, *pair) for pair in kept], page_info=page_info
        )

    @strawberry.field(
        description="For administrators: payments that payers' banks want back, or have; of those, which are open or "
        "owed of.",
        directives=[PAGED],
    )
    async def money_claims(
        self,
        info: Info,
        unfinished: Annotated[
            bool,
            strawberry.argument(
                description="Only those that are open, or of which something is owed; all unless it is true."
            ),
        ] = False,
        first: First = None,
        after: After = None,
    ) -> types.MoneyClaimPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await crud.claims.list_newest(session, unfinished=unfinished, before=page.place, limit=page.limit)
        kept, page_info = cut_page(found, page, lambda pair: Cursor(at=pair[0].opened_at, id=pair[0].id))
        return types.MoneyClaimPage(
            nodes=[types.MoneyClaimRecord.seen_by(info.context, *pair) for pair in kept], page_info=page_info
        )

    @strawberry.field(
        description="For administrators: money of people who have closed their account, which waits for a decision.",
        directives=[PAGED],
    )
    async def unclaimed_credits(
        self, info: Info, first: First = None, after: After = None
    ) -> types.UnclaimedCreditPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            found = await crud.unclaimed.list_open(
                session, before=page.after.id if page.after else None, limit=page.limit
            )
        kept, page_info = cut_page(found, page, lambda pair: Cursor(at=pair[1].occurred_at, id=pair[0].id))
        return types.UnclaimedCreditPage(
            nodes=[types.UnclaimedCredit.seen_by(info.context, *pair) for pair in kept], page_info=page_info
        )
