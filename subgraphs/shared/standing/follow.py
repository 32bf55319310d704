"""The reaction by which a domain keeps its read model of standing."""

from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.messaging.inbox import find_handled
from subgraphs.shared.messaging.reactions import Delivery, NotYet, Reactions
from subgraphs.shared.standing import crud, facts
from subgraphs.shared.standing.tables import PersonStatus

log = structlog.get_logger()

HEARTBEAT_ATTEMPTS_MAX = 3
"""How often one waits, a second or so in all, for what it has overtaken. Then the next one will say as much."""

_STATUS_OF = {
    facts.UserSuspended.type: PersonStatus.SUSPENDED,
    facts.UserReactivated.type: PersonStatus.ACTIVE,
    facts.AccountClosed.type: PersonStatus.CLOSED,
}


def follow_standing(reactions: Reactions) -> None:
    """
    Keep what accounts decides about people, sessions and keys.

    One queue for all of it, so that its inbox knows which of the things that a heartbeat names have come.
    """

    @reactions.on(
        facts.UserSuspended,
        facts.UserReactivated,
        facts.AccountClosed,
        facts.SessionsEnded,
        facts.SigningKeyWithdrawn,
        facts.StandingConfirmed,
    )
    async def keep_standing(
        delivery: Delivery[
            facts.UserSuspended
            | facts.UserReactivated
            | facts.AccountClosed
            | facts.SessionsEnded
            | facts.SigningKeyWithdrawn
            | facts.StandingConfirmed
        ],
    ) -> None:
        fact, event = delivery.payload, delivery.event
        async with delivery.begin() as session:
            match fact:
                case facts.SessionsEnded():
                    await crud.keep_ended_sessions(session, fact.session_ids, forget_at=fact.tokens_expire_at)
                case facts.SigningKeyWithdrawn():
                    await crud.keep_withdrawn_key(session, fact.key_id, withdrawn_at=event.time)
                case facts.StandingConfirmed():
                    await _keep_confirmed(session, fact, delivery)
                case _:
                    await crud.put_status(session, fact.user_id, _STATUS_OF[fact.type], event=event)


async def _keep_confirmed(session: AsyncSession, fact: facts.StandingConfirmed, delivery: Delivery[Any]) -> None:
    """
    Know as much as *fact* says there is to know, if all that it names has come.

    A fact may be put off here, or be held back by its sender, while heartbeats go on. As long as one is missing,
    none is believed.

    Raises NotYet for a heartbeat that may just have overtaken its facts.
    """
    for key_id in fact.withdrawn_keys:
        await crud.keep_withdrawn_key(session, key_id, withdrawn_at=delivery.event.time)
    missing = set(fact.decided) - await find_handled(session, fact.decided, handler=delivery.handler)
    if not missing:
        await crud.keep_feed(session, fact.told_at)
    elif delivery.attempt < HEARTBEAT_ATTEMPTS_MAX:
        raise NotYet(f"{len(missing)} facts about standing are on their way")
    else:
        log.debug("a heartbeat names facts that have not come", missing=len(missing))
