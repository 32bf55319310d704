"""One SQL statement per batch of look-ups."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from subgraphs.marketplace import models
from subgraphs.marketplace.api.context import Context
from subgraphs.marketplace.crud import installments, investments, offerings, secondary
from subgraphs.marketplace.crud.installments import ScheduleProgress
from subgraphs.marketplace.domain.fair_price import FairPrice, fair_price
from subgraphs.marketplace.domain.rules import Rules, get_rules
from subgraphs.shared.clock import business_date
from subgraphs.shared.standing import crud as standing
from subgraphs.shared.standing.tables import PersonStatus


async def offerings_by_id(context: Context, ids: list[UUID]) -> Sequence[models.Offering | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await offerings.list_offerings(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def offerings_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[models.Offering | None]:
    async with context.read() as session:
        by_cpr = {row.cpr_id: row for row in await offerings.list_offerings_of_cprs(session, cpr_ids)}
    return [by_cpr.get(cpr_id) for cpr_id in cpr_ids]


async def investments_by_id(context: Context, ids: list[UUID]) -> Sequence[models.Investment | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await investments.list_investments(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def investor_counts_by_offering(context: Context, offering_ids: list[UUID]) -> Sequence[int]:
    async with context.read() as session:
        counts = await offerings.count_investors(session, offering_ids)
    return [counts.get(offering_id, 0) for offering_id in offering_ids]


async def progress_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[ScheduleProgress | None]:
    async with context.read() as session:
        by_cpr = await installments.get_progress(session, cpr_ids)
    return [by_cpr.get(cpr_id) for cpr_id in cpr_ids]


async def unpaid_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[list[models.Installment]]:
    async with context.read() as session:
        by_cpr = await installments.list_unpaid(session, cpr_ids)
    return [by_cpr.get(cpr_id, []) for cpr_id in cpr_ids]


async def positions_by_id(context: Context, ids: list[UUID]) -> Sequence[models.QuotaPosition | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await secondary.list_positions(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def quota_offers_by_id(context: Context, ids: list[UUID]) -> Sequence[models.QuotaOffer | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await secondary.list_offers(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def purchases_by_id(context: Context, ids: list[UUID]) -> Sequence[models.QuotaPurchase | None]:
    async with context.read() as session:
        by_id = {row.id: row for row in await secondary.list_purchases(session, ids)}
    return [by_id.get(id_) for id_ in ids]


async def rules_in_force(context: Context, keys: list[None]) -> Sequence[Rules]:
    """The rules in force now; the same for the whole request."""
    async with context.read() as session:
        return [await get_rules(session, now=context.clock.now())] * len(keys)


async def fair_prices_by_offering(context: Context, offering_ids: list[UUID]) -> Sequence[FairPrice | None]:
    """Of a quota of each offering, while something is still to come; reckoned once, however many ask."""
    found = await context.loader(offerings_by_id).load_many(offering_ids)
    cpr_ids = [offering.cpr_id for offering in found if offering is not None]
    schedules = await context.loader(unpaid_by_cpr).load_many(cpr_ids)
    unpaid = dict(zip(cpr_ids, schedules, strict=True))
    rules = await context.loader(rules_in_force).load(None)
    today = business_date(context.clock.now())
    prices: list[FairPrice | None] = []
    for offering in found:
        if offering is None or not unpaid[offering.cpr_id]:
            prices.append(None)
            continue
        prices.append(fair_price(offering, unpaid[offering.cpr_id], rules, on=today))
        # A long schedule takes a while: others have their turn between two of them.
        await asyncio.sleep(0)
    return prices


async def standing_by_user(context: Context, user_ids: list[UUID]) -> Sequence[PersonStatus]:
    async with context.read() as session:
        known = await standing.list_statuses(session, user_ids)
    return [known.get(user_id, PersonStatus.ACTIVE) for user_id in user_ids]
