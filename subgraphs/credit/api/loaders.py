"""Batches: each load is one statement, however many keys are asked for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from subgraphs.credit import models
from subgraphs.credit.crud import documents, read_models, requests, scores
from subgraphs.shared.graphql.context import Context
from subgraphs.shared.graphql.paging import PageRequest
from subgraphs.shared.scopes import Sight

K = TypeVar("K")
V = TypeVar("V")


def may_see(context: Context, owner_id: UUID) -> bool:
    """Whether what belongs to *owner_id* is the asker's to see: the owner's own, or staff's, whose look is noted."""
    return context.may_see(owner_id, Sight.CREDIT)


async def requests_by_id(context: Context, ids: list[UUID]) -> Sequence[models.CreditRequest | None]:
    async with context.read() as session:
        found = {row.id: row for row in await requests.list_requests(session, ids)}
    return [found.get(request_id) for request_id in ids]


async def requests_by_farmer(
    context: Context, keys: list[tuple[UUID, PageRequest]]
) -> Sequence[Sequence[models.CreditRequest]]:
    """Farmers' requests by page; farmers asked for with the same page share a statement."""
    farmers_of: dict[PageRequest, list[UUID]] = defaultdict(list)
    for farmer_id, page in keys:
        farmers_of[page].append(farmer_id)
    found: dict[tuple[UUID, PageRequest], list[models.CreditRequest]] = defaultdict(list)
    async with context.read() as session:
        for page, farmer_ids in farmers_of.items():
            for row in await requests.list_requests_of(session, farmer_ids, page):
                found[row.farmer_id, page].append(row)
    return [found[key] for key in keys]


async def steps_by_request(context: Context, request_ids: list[UUID]) -> Sequence[Sequence[models.RequestStep]]:
    async with context.read() as session:
        steps = _grouped((row.credit_request_id, row) for row in await requests.list_steps(session, request_ids))
    return [steps[request_id] for request_id in request_ids]


async def decisions_by_request(context: Context, request_ids: list[UUID]) -> Sequence[models.Decision | None]:
    async with context.read() as session:
        found = {row.credit_request_id: row for row in await requests.list_decisions(session, request_ids)}
    return [found.get(request_id) for request_id in request_ids]


async def documents_by_request(context: Context, request_ids: list[UUID]) -> Sequence[Sequence[models.Document]]:
    async with context.read() as session:
        found = _grouped((row.credit_request_id, row) for row in await documents.list_documents(session, request_ids))
    return [found[request_id] for request_id in request_ids]


async def scores_by_id(context: Context, score_ids: list[UUID]) -> Sequence[models.AgroScore | None]:
    async with context.read() as session:
        found = {row.id: row for row in await scores.list_scores(session, score_ids)}
    return [found.get(score_id) for score_id in score_ids]


async def latest_scores_by_farmer(context: Context, farmer_ids: list[UUID]) -> Sequence[models.AgroScore | None]:
    async with context.read() as session:
        found = {row.farmer_id: row for row in await scores.list_latest_scores(session, farmer_ids)}
    return [found.get(farmer_id) for farmer_id in farmer_ids]


async def factors_by_score(context: Context, score_ids: list[UUID]) -> Sequence[Sequence[models.ScoreFactor]]:
    async with context.read() as session:
        found = _grouped((row.score_id, row) for row in await scores.list_factors(session, score_ids))
    return [found[score_id] for score_id in score_ids]


async def gradings_by_cpr(context: Context, cpr_ids: list[UUID]) -> Sequence[tuple[models.CPRGrading, str] | None]:
    async with context.read() as session:
        found = {row.cpr_id: (row, grade) for row, grade in await read_models.list_gradings(session, cpr_ids)}
    return [found.get(cpr_id) for cpr_id in cpr_ids]


@dataclass(frozen=True)
class ApplicantRecord:
    """What credit knows of a person who asks."""

    applicant: models.Applicant | None
    repayments: Sequence[models.RepaymentRecord]
    decided: dict[str, int]
    """Earlier requests by how they ended."""


async def applicant_records_by_user(context: Context, user_ids: list[UUID]) -> Sequence[ApplicantRecord]:
    async with context.read() as session:
        applicants = {row.user_id: row for row in await read_models.list_applicants(session, user_ids)}
        repayments = _grouped((row.farmer_id, row) for row in await read_models.list_repayments(session, user_ids))
        decided: dict[UUID, dict[str, int]] = defaultdict(dict)
        for (farmer_id, status), count in (await requests.count_decided_requests(session, user_ids)).items():
            decided[farmer_id][status] = count
    return [ApplicantRecord(applicants.get(key), repayments[key], decided[key]) for key in user_ids]


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
