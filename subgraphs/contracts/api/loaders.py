"""Batches: each load is one statement, however many keys are asked for."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from subgraphs.contracts import models
from subgraphs.contracts.crud import collection, cprs, renegotiations
from subgraphs.contracts.domain.renegotiation_terms import Tally
from subgraphs.shared.graphql.context import Context
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.scopes import Sight


def is_own_or_staff(context: Context, owner_id: UUID) -> bool:
    """Whether the asker is *owner_id*, or staff, whose look is noted."""
    return context.may_see(owner_id, Sight.CONTRACTS)


def may_see_cpr(context: Context, cpr: models.CPR) -> bool:
    """The farmer and staff always; other signed-in people once the CPR is registered."""
    return (not context.is_anonymous and cpr.is_public) or is_own_or_staff(context, cpr.farmer_id)


async def cprs_by_id(context: Context, ids: list[UUID]) -> Sequence[models.CPR | None]:
    """CPRs that the asker may see; None for the others."""
    async with context.read() as session:
        found = {row.id: row for row in await cprs.list_cprs(session, ids) if may_see_cpr(context, row)}
    return [found.get(cpr_id) for cpr_id in ids]


async def cprs_by_request(context: Context, request_ids: list[UUID]) -> Sequence[models.CPR | None]:
    async with context.read() as session:
        rows = await cprs.list_cprs_of_requests(session, request_ids)
    found = {row.credit_request_id: row for row in rows if is_own_or_staff(context, row.farmer_id)}
    return [found.get(request_id) for request_id in request_ids]


async def cprs_by_farmer(context: Context, keys: list[tuple[UUID, PageRequest]]) -> Sequence[Sequence[models.CPR]]:
    """Farmers' CPRs by page; farmers asked for with the same page share a statement."""
    farmers_of: dict[PageRequest, list[UUID]] = defaultdict(list)
    for farmer_id, page in keys:
        farmers_of[page].append(farmer_id)
    found: dict[tuple[UUID, PageRequest], list[models.CPR]] = defaultdict(list)
    async with context.read() as session:
        for page, farmer_ids in farmers_of.items():
            for row in await cprs.list_cprs_of(session, farmer_ids, page):
                found[row.farmer_id, page].append(row)
    return [found[key] for key in keys]


async def installments_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[Sequence[models.Installment]]:
    """All installments of CPRs, in order; whoever asks has been shown the CPR."""
    found: dict[UUID, list[models.Installment]] = defaultdict(list)
    async with context.read() as session:
        for row in await cprs.list_installments(session, cpr_ids):
            found[row.cpr_id].append(row)
    return [found[cpr_id] for cpr_id in cpr_ids]


async def installments_by_id(context: Context, ids: list[UUID]) -> Sequence[models.Installment | None]:
    """Installments of CPRs that the asker may see; None for the others."""
    async with context.read() as session:
        rows = await cprs.list_installments_with_cprs(session, ids)
    found = {row.id: row for row, cpr in rows if may_see_cpr(context, cpr)}
    return [found.get(installment_id) for installment_id in ids]


async def own_installments_by_id(context: Context, ids: list[UUID]) -> Sequence[models.Installment | None]:
    """Installments that the asker owes, or that they see as staff; None for the others."""
    async with context.read() as session:
        rows = await cprs.list_installments_with_cprs(session, ids)
    found = {row.id: row for row, cpr in rows if is_own_or_staff(context, cpr.farmer_id)}
    return [found.get(installment_id) for installment_id in ids]


async def received_payments_by_id(
    context: Context, ids: list[UUID]
) -> Sequence[tuple[models.InstallmentPayment, models.Installment] | None]:
    """Payments of the asker's own installments, or that they see as staff, with these; None for the others."""
    async with context.read() as session:
        rows = await cprs.list_payments_with_cprs(session, ids)
    found = {
        payment.payment_id: (payment, installment)
        for payment, installment, cpr in rows
        if is_own_or_staff(context, cpr.farmer_id)
    }
    return [found.get(payment_id) for payment_id in ids]


async def renegotiations_by_id(context: Context, ids: list[UUID]) -> Sequence[models.Renegotiation | None]:
    """Renegotiations that the asker may see; None for the others."""
    async with context.read() as session:
        rows = await renegotiations.list_renegotiations(session, ids)
        votes = await renegotiations.list_votes_of(session, ids, context.identity.user_id)
    found = {row.id: row for row in rows if row.id in votes or is_own_or_staff(context, row.farmer_id)}
    return [found.get(renegotiation_id) for renegotiation_id in ids]


RENEGOTIATIONS_SHOWN_MAX = 20
"""Of one CPR; `Query.renegotiation` shows any."""
COLLECTION_STEPS_SHOWN_MAX = 50
"""Of one CPR; `contractsAuditLog` has all."""


async def renegotiations_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[list[models.Renegotiation]]:
    """By CPR, the newest renegotiations that the asker may see, the newest first."""
    person_id, sees_all = context.identity.user_id, context.sees_all(Sight.CONTRACTS)
    async with context.read() as session:
        rows = await renegotiations.list_newest_seen(
            session, cpr_ids, person_id, sees_all=sees_all, limit=RENEGOTIATIONS_SHOWN_MAX
        )
    found: dict[UUID, list[models.Renegotiation]] = defaultdict(list)
    for row in rows:
        is_own_or_staff(context, row.farmer_id)  # notes that staff look; who may see it was asked above
        found[row.cpr_id].append(row)
    return [found[cpr_id] for cpr_id in cpr_ids]


async def collection_steps_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[list[models.CollectionStep]]:
    """By CPR, the newest first; whoever asks is the farmer or staff."""
    async with context.read() as session:
        rows = await collection.list_newest(session, cpr_ids, limit=COLLECTION_STEPS_SHOWN_MAX)
    found: dict[UUID, list[models.CollectionStep]] = defaultdict(list)
    for row in rows:
        found[row.cpr_id].append(row)
    return [found[cpr_id] for cpr_id in cpr_ids]


async def schedules_made_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[list[models.Renegotiation]]:
    """By CPR, the renegotiations that brought a schedule, by its version; whoever asks has been shown the CPR."""
    async with context.read() as session:
        rows = await renegotiations.list_in_force(session, cpr_ids)
    found: dict[UUID, list[models.Renegotiation]] = defaultdict(list)
    for row in rows:
        found[row.cpr_id].append(row)
    return [found[cpr_id] for cpr_id in cpr_ids]


async def proposed_installments_by_renegotiation(
    context: Context, ids: list[UUID]
) -> Sequence[list[models.RenegotiatedInstallment]]:
    """What renegotiations propose; whoever asks has been shown them."""
    found: dict[UUID, list[models.RenegotiatedInstallment]] = defaultdict(list)
    async with context.read() as session:
        for row in await renegotiations.list_lines(session, ids):
            found[row.renegotiation_id].append(row)
    return [found[renegotiation_id] for renegotiation_id in ids]


async def votes_by_renegotiation(context: Context, ids: list[UUID]) -> Sequence[Tally | None]:
    """How the quotas voted; whoever asks has been shown the renegotiation."""
    async with context.read() as session:
        found = await renegotiations.count_votes(session, ids)
    return [
        Tally(quota_count=votes.entitled, consenting=votes.consenting, refusing=votes.refusing)
        if (votes := found.get(key))
        else None
        for key in ids
    ]


async def own_votes_by_renegotiation(context: Context, ids: list[UUID]) -> Sequence[models.RenegotiationVoter | None]:
    """The asker's own place in each vote."""
    async with context.read() as session:
        found = await renegotiations.list_votes_of(session, ids, context.identity.user_id)
    return [found.get(renegotiation_id) for renegotiation_id in ids]
