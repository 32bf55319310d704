"""The reactions by which a domain keeps its read model of consents."""

from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.consents import facts
from subgraphs.shared.consents.tables import ToldConsent, ToldConsentText
from subgraphs.shared.messaging.reactions import Delivery, Reactions
from subgraphs.shared.messaging.read_models import put_newest
from subgraphs.shared.vocabulary import ConsentPurpose


async def _nothing(session: AsyncSession, user_id: UUID) -> None:
    """Nothing has waited for it."""


def follow_consents(
    reactions: Reactions,
    needed: Collection[ConsentPurpose],
    *,
    go_on: Callable[[AsyncSession, UUID], Awaitable[None]] = _nothing,
) -> None:
    """
    Keep texts of the purposes that are *needed*, and who agreed to them; of others the domain knows nothing.

    *go_on* does what has waited for somebody's consent, in the transaction that keeps it.
    """

    @reactions.on(facts.ConsentTextLaidDown)
    async def keep_consent_text(delivery: Delivery[facts.ConsentTextLaidDown]) -> None:
        told = delivery.payload
        row = insert(ToldConsentText).values(
            purpose=told.purpose,
            text_version=told.version,
            valid_from=told.valid_from,
            earlier_good_until=told.earlier_good_until,
        )
        # What is not kept is handled as well.
        async with delivery.begin() as session:
            if told.purpose in needed:
                await session.execute(row.on_conflict_do_nothing())

    @reactions.on(facts.ConsentGiven, facts.ConsentWithdrawn)
    async def keep_consent(delivery: Delivery[facts.ConsentGiven | facts.ConsentWithdrawn]) -> None:
        told = delivery.payload
        key = {"user_id": told.user_id, "purpose": told.purpose}
        version = told.version if isinstance(told, facts.ConsentGiven) else None
        async with delivery.begin() as session:
            if told.purpose in needed:
                await put_newest(session, ToldConsent, key, {"text_version": version}, event=delivery.event)
                if version is not None:
                    await go_on(session, told.user_id)
