"""Who is still here: nothing more is kept of somebody who has closed their account."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.notifications.crud import closed_people
from subgraphs.shared.standing.standing import CLOSED, NoLongerMay


async def hold_person(session: AsyncSession, user_id: UUID) -> None:
    """
    Keep a person from leaving, and from doing this twice at once, until the transaction ends.

    What they said before they left may still be on its way, by a token that is good for some minutes. Raises
    NoLongerMay once they have left.
    """
    await closed_people.lock_person(session, user_id)
    if await closed_people.list_closed(session, [user_id]):
        raise NoLongerMay(CLOSED)
