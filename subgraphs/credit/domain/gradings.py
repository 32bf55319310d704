"""Which score stands behind a CPR, and how farmers repay: facts of contracts, kept for credit's own use."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.credit.crud import read_models
from subgraphs.credit.crud import requests as rows


async def grade_cpr(
    session: AsyncSession,
    *,
    cpr_id: UUID,
    credit_request_id: UUID,
    farmer_id: UUID,
    registered_at: datetime | None = None,
) -> None:
    """
    Tie a CPR to the score on which its request was approved.

    Raises LookupError for a request that is not ours: a CPR cannot come from nowhere.
    """
    request = await rows.find_request(session, credit_request_id)
    if request is None or request.score_id is None:
        raise LookupError(f"CPR {cpr_id} names credit request {credit_request_id}, which has no score here")
    await read_models.put_grading(
        session,
        cpr_id=cpr_id,
        credit_request_id=credit_request_id,
        farmer_id=farmer_id,
        score_id=request.score_id,
        registered_at=registered_at,
    )
