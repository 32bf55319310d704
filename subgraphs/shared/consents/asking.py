"""Whether somebody has agreed to what a domain needs."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select

from subgraphs.shared.consents import terms
from subgraphs.shared.consents.tables import ToldConsent, ToldConsentText
from subgraphs.shared.reading import Reader
from subgraphs.shared.refusal import ConsentRequired
from subgraphs.shared.statements import is_any_of
from subgraphs.shared.vocabulary import ConsentPurpose


@dataclass(frozen=True)
class _Term:
    version: int
    valid_from: date
    earlier_good_until: date


_TEXTS = select(
    ToldConsentText.purpose,
    ToldConsentText.text_version,
    ToldConsentText.valid_from,
    ToldConsentText.earlier_good_until,
    ToldConsent.user_id,
    ToldConsent.text_version.label("agreed_to"),
).join(
    ToldConsent,
    and_(ToldConsent.purpose == ToldConsentText.purpose, is_any_of(ToldConsent.user_id, "user_ids")),
    isouter=True,
)
"""All texts that were told, which are few; each once for everybody who has agreed to some of the purpose, or alone."""


async def list_missing(
    session: Reader, user_ids: Collection[UUID], needed: Collection[ConsentPurpose], *, today: date
) -> dict[UUID, ConsentRequired]:
    """Of each of these people the first of *needed* to which they have not agreed as the text in force wants it."""
    texts: defaultdict[str, set[_Term]] = defaultdict(set)
    agreed_to: dict[tuple[UUID, str], int | None] = {}
    for row in await session.execute(_TEXTS, {"user_ids": list(user_ids)}):
        texts[row.purpose].add(_Term(row.text_version, row.valid_from, row.earlier_good_until))
        if row.user_id is not None:
            agreed_to[row.user_id, row.purpose] = row.agreed_to
    missing: dict[UUID, ConsentRequired] = {}
    for purpose in needed:
        current = terms.in_force(texts[purpose], today)
        if current is None:
            continue
        for user_id in user_ids:
            if not terms.is_good(agreed_to.get((user_id, purpose)), texts[purpose], today):
                missing.setdefault(user_id, ConsentRequired(purpose=purpose, version=current.version))
    return missing


async def require(session: Reader, user_id: UUID, needed: Collection[ConsentPurpose], *, today: date) -> None:
    """Refuse with ConsentRequired what `list_missing` finds of one person."""
    missing = await list_missing(session, [user_id], needed, today=today)
    if user_id in missing:
        raise missing[user_id]
