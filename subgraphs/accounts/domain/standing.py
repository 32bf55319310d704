"""
Whether a person is free to leave: what other domains have told of their CPRs, investments, withdrawals and money.

Facts arrive in any order and are only ever added up, so the order does not matter.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud
from subgraphs.accounts.domain.refusals import AccountHasOpenBusiness
from subgraphs.accounts.models.vocabulary import EngagementKind, Profile

_BUSINESS_OF = {Profile.FARMER: EngagementKind.CPR, Profile.INVESTOR: EngagementKind.INVESTMENT}


async def open_business(session: AsyncSession, user_id: UUID) -> AccountHasOpenBusiness | None:
    """What keeps *user_id* from leaving; None when nothing does."""
    open_counts = await crud.standing.count_open_engagements(session, user_id)
    balance_minor = await crud.standing.find_balance(session, user_id)
    if not open_counts and balance_minor <= 0:
        return None
    return AccountHasOpenBusiness(
        open_cprs=open_counts.get(EngagementKind.CPR, 0),
        open_investments=open_counts.get(EngagementKind.INVESTMENT, 0),
        open_withdrawals=open_counts.get(EngagementKind.WITHDRAWAL, 0),
        wallet_balance_minor=max(balance_minor, 0),
    )


async def require_no_business_as(session: AsyncSession, user_id: UUID, profile: Profile) -> None:
    """Refuse with AccountHasOpenBusiness while *profile* is needed: a farmer's CPR, an investor's investment."""
    open_counts = await crud.standing.count_open_engagements(session, user_id)
    if _BUSINESS_OF[profile] in open_counts and (refusal := await open_business(session, user_id)) is not None:
        raise refusal
