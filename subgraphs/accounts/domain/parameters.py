"""The dated parameters that accounts owns, and what others hear of them."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud
from subgraphs.accounts.models.orm import Base
from subgraphs.accounts.schemas import events
from subgraphs.shared.messaging import outbox
from subgraphs.shared.parameters import Parameters, Rule, RuleTable

CONSENT_TEXT_CHARACTERS_MAX = 20_000
"""Of a text in one language."""


async def tell_consent_texts(session: AsyncSession, since: date) -> None:
    """Say which texts are in force from *since* on."""
    for text in await crud.consents.list_texts(session):
        if text.valid_from >= since:
            laid_down = events.ConsentTextLaidDown(
                purpose=text.purpose,
                version=text.version,
                valid_from=text.valid_from,
                earlier_good_until=text.earlier_good_until,
            )
            outbox.record(session, laid_down)


PARAMETERS = Parameters(
    domain="accounts",
    rules=(
        Rule((RuleTable("parameters", by=("name",)),)),
        Rule((RuleTable("consent_texts", by=("purpose",), characters_max=CONSENT_TEXT_CHARACTERS_MAX),)),
    ),
    metadata=Base.metadata,
    tell=tell_consent_texts,
)
