"""The reaction by which a domain keeps its read model of standing."""

from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.read_models import put_newest
from subgraphs.shared.standing import crud, facts
from subgraphs.shared.standing.tables import PersonStanding, PersonStatus

_STATUS_OF = {
    facts.UserSuspended.type: PersonStatus.SUSPENDED,
    facts.UserReactivated.type: PersonStatus.ACTIVE,
    facts.AccountClosed.type: PersonStatus.CLOSED,
}


def follow_standing(reactions: Reactions) -> None:
    """
    Keep what accounts decides about people, sessions and keys.

    One queue for all of it: the heartbeat then says that what was told before it has come as well.
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
                    await crud.keep_feed(session, fact.told_at)
                case _:
                    values = {"status": _STATUS_OF[fact.type].value, "changed_at": event.time}
                    await put_newest(session, PersonStanding, {"user_id": fact.user_id}, values, event=event)
