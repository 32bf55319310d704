"""One SQL statement per batch of look-ups; each gives only what the asker may see."""

from collections.abc import Sequence
from uuid import UUID

from subgraphs.distribution.api.visibility import note_looks, seen_as
from subgraphs.distribution.crud import payout_pages
from subgraphs.distribution.crud.payout_pages import PayoutsOf, Place
from subgraphs.distribution.models import Distribution, Payout
from subgraphs.shared.graphql.context import Context

PayoutPageKey = tuple[UUID, Place | None, int]
"""An investment or position, the place after which its page begins, and how many rows are wanted."""


async def payouts_by_id(context: Context, ids: list[UUID]) -> Sequence[Payout | None]:
    asker = seen_as(context)
    async with context.read() as session:
        rows = await payout_pages.list_payouts(session, ids)
    by_id = {row.id: row for row in rows if asker in (None, row.investor_id)}
    note_looks(context, {row.investor_id for row in by_id.values()})
    return [by_id.get(id_) for id_ in ids]


async def distributions_by_id(context: Context, ids: list[UUID]) -> Sequence[Distribution | None]:
    async with context.read() as session:
        rows = await payout_pages.list_visible(session, ids, seen_as(context))
    by_id = {row.id: row for row in rows}
    return [by_id.get(id_) for id_ in ids]


async def distributions_by_installment(context: Context, ids: list[UUID]) -> Sequence[list[Distribution]]:
    async with context.read() as session:
        rows = await payout_pages.list_visible_of_installments(session, ids, seen_as(context))
    by_installment: dict[UUID, list[Distribution]] = {}
    for row in rows:
        by_installment.setdefault(row.installment_id, []).append(row)
    return [by_installment.get(id_, []) for id_ in ids]


async def holders_by_investment(context: Context, investment_ids: list[UUID]) -> Sequence[set[UUID]]:
    async with context.read() as session:
        holders = await payout_pages.list_holders(session, investment_ids)
    return [holders.get(investment_id, set()) for investment_id in investment_ids]


async def payouts_by_investment(context: Context, keys: list[PayoutPageKey]) -> Sequence[list[Payout]]:
    return await _payouts_by(context, "investment_id", keys)


async def payouts_by_position(context: Context, keys: list[PayoutPageKey]) -> Sequence[list[Payout]]:
    return await _payouts_by(context, "position_id", keys)


async def _payouts_by(context: Context, of: PayoutsOf, keys: list[PayoutPageKey]) -> Sequence[list[Payout]]:
    """A statement for each different page asked for, which is one when a list asks for the same of all."""
    found: dict[PayoutPageKey, list[Payout]] = {}
    async with context.read() as session:
        for after, limit in {(after, limit) for _, after, limit in keys}:
            wanted = [key for key in keys if key[1:] == (after, limit)]
            rows = await payout_pages.list_payouts_of(
                session, of, [key[0] for key in wanted], investor_id=seen_as(context), after=after, limit=limit
            )
            found |= {key: rows.get(key[0], []) for key in wanted}
            note_looks(context, {row.investor_id for shown in rows.values() for row in shown})
    return [found[key] for key in keys]
