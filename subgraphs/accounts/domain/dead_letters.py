"""
Messages that could not be handled, of all services: administrators look, mend the cause, and replay.

The broker has them, and no transaction spans it and the database: so who asked for what is written down first. Asked
again, what was replayed or purged is not there any more.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from subgraphs.accounts.domain.refusals import BrokerUnavailable
from subgraphs.accounts.models import DeadLetterAct, DeadLetterAction
from subgraphs.shared.database import Database
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging.transport import DeadLetter, DeadLetters, TransportUnavailable
from subgraphs.shared.refusal import InvalidInput

AT_ONCE_MAX = 100
ID_CHARACTERS_MAX = 300
SCANNED_MAX = 10_000


async def list_dead_letters(letters: DeadLetters | None, *, queue: str | None, limit: int) -> list[DeadLetter]:
    """The oldest first. Refuses with BrokerUnavailable."""
    if letters is None:
        raise BrokerUnavailable
    try:
        return [letter async for letter in letters.list(queue=queue, limit=limit)]
    except TransportUnavailable:
        raise BrokerUnavailable from None


async def find_dead_letter(letters: DeadLetters | None, letter_id: str) -> DeadLetter | None:
    """Refuses with BrokerUnavailable."""
    queue = letter_id.partition("/")[0]
    found = await list_dead_letters(letters, queue=queue, limit=SCANNED_MAX)
    return next((letter for letter in found if letter.id == letter_id), None)


async def settle(
    letters: DeadLetters | None,
    ids: Collection[str],
    *,
    action: DeadLetterAction,
    database: Database,
    actor_id: UUID,
    reason: str,
    correlation_id: str,
    now: datetime,
) -> int:
    """
    Deliver them again as if new, or delete them for good; how many there were.

    Refuses with BrokerUnavailable and InvalidInput.
    """
    if not 1 <= len(ids) <= AT_ONCE_MAX or any(len(one) > ID_CHARACTERS_MAX or "/" not in one for one in ids):
        raise InvalidInput(
            field="ids",
            reason=f"name 1 to {AT_ONCE_MAX} dead letters by their ids",
            reason_pt=f"Informe de 1 a {AT_ONCE_MAX} mensagens pelos identificadores.",
        )
    if letters is None:
        raise BrokerUnavailable
    async with database.begin() as session:
        session.add(
            DeadLetterAct(
                id=new_id(),
                at=now,
                actor_id=actor_id,
                action=action.value,
                letters=sorted(ids),
                reason=reason,
                correlation_id=correlation_id,
            )
        )
    chosen = frozenset(ids)
    try:
        if action is DeadLetterAction.REPLAY:
            return await letters.replay(ids=chosen)
        return await letters.purge(ids=chosen)
    except TransportUnavailable:
        raise BrokerUnavailable from None
