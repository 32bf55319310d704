"""One SQL statement per batch of look-ups."""

from collections.abc import Sequence
from uuid import UUID

from subgraphs.marketplace import models
from subgraphs.marketplace.crud import installments, investments, offerings, secondary
from subgraphs.marketplace.crud.installments import ScheduleProgress
from subgraphs.marketplace.domain.rules import Rules, get_rules
from subgraphs.shared.graphql.context import Context


async def load_offerings(context: Context, ids: list[UUID]) -> Sequence[models.Offering | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await offerings.list_offerings(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def load_offerings_of_cprs(context: Context, cpr_ids: list[UUID]) -> Sequence[models.Offering | None]:
    async with context.read() as session:
        by_cpr = {row.cpr_id: row for row in await offerings.list_offerings_of_cprs(session, cpr_ids)}
    return [by_cpr.get(cpr_id) for cpr_id in cpr_ids]


async def load_investments(context: Context, ids: list[UUID]) -> Sequence[models.Investment | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await investments.list_investments(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def load_investor_counts(context: Context, offering_ids: list[UUID]) -> Sequence[int]:
    async with context.read() as session:
        counts = await offerings.count_investors(session, offering_ids)
    return [counts.get(offering_id, 0) for offering_id in offering_ids]


async def load_progress(context: Context, cpr_ids: list[UUID]) -> Sequence[ScheduleProgress | None]:
    async with context.read() as session:
        by_cpr = await installments.get_progress(session, cpr_ids)
    return [by_cpr.get(cpr_id) for cpr_id in cpr_ids]


async def load_unpaid(context: Context, cpr_ids: list[UUID]) -> Sequence[list[models.Installment]]:
    async with context.read() as session:
        by_cpr = await installments.list_unpaid(session, cpr_ids)
    return [by_cpr.get(cpr_id, []) for cpr_id in cpr_ids]


async def load_positions(context: Context, ids: list[UUID]) -> Sequence[models.QuotaPosition | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await secondary.list_positions(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def load_quota_offers(context: Context, ids: list[UUID]) -> Sequence[models.QuotaOffer | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await secondary.list_offers(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def load_purchases(context: Context, ids: list[UUID]) -> Sequence[models.QuotaPurchase | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await secondary.list_purchases(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def load_rules(context: Context, keys: list[None]) -> Sequence[Rules]:
    """The rules in force now; the same for the whole request."""
    async with context.read() as session:
        return [await get_rules(session, context.clock.now())] * len(keys)
