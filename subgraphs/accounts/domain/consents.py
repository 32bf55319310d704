"""
What people agree to, by purpose and version, and that they did or take it back.

Texts are dated rules: one administrator proposes a version, another approves it, and it is in force from a day to come.
What people say of them are facts that are added; the last one of a person and a purpose counts. Who agreed to an
earlier version is told of the new one, and has as long to read it as the new one says (`subgraphs/shared/consents`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.domain.refusals import ConsentTextNotInForce
from subgraphs.accounts.models import ConsentAct, ConsentStatus, Profile
from subgraphs.accounts.schemas import events
from subgraphs.accounts.schemas.commands import AgreedTo
from subgraphs.shared.consents import terms
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.reading import Reader
from subgraphs.shared.refusal import ConsentRequired, InvalidInput
from subgraphs.shared.vocabulary import ConsentPurpose

NEEDED = (ConsentPurpose.TERMS_OF_USE, ConsentPurpose.PRIVACY_POLICY)
"""Nobody opens an account without."""
_NEEDED_AS = {
    Profile.FARMER: ConsentPurpose.CREDIT_BUREAU,
    Profile.INVESTOR: ConsentPurpose.INVESTMENT_RISK,
}


@dataclass(frozen=True)
class Stand:
    """Where somebody stands with one purpose."""

    text: models.ConsentText
    """The version in force."""
    status: ConsentStatus
    newest: models.Consent | None
    """What they said last."""
    good_until: date | None
    """The day from which what they agreed to is good no more; None while no later version ends it."""


def purposes_of(profiles: Iterable[Profile]) -> tuple[ConsentPurpose, ...]:
    """What people with *profiles* have to agree to, for an account and what they want to do."""
    return (*NEEDED, *(_NEEDED_AS[profile] for profile in profiles))


def stands_of(
    texts: Sequence[models.ConsentText], newest: Iterable[models.Consent], *, today: date
) -> dict[ConsentPurpose, Stand]:
    """Where somebody who said *newest*, one of a purpose, stands with each purpose that has a text in force."""
    said = {consent.purpose: consent for consent in newest}
    versions: defaultdict[ConsentPurpose, list[models.ConsentText]] = defaultdict(list)
    for text in texts:
        versions[text.purpose].append(text)
    current = {purpose: terms.in_force(of_it, today) for purpose, of_it in versions.items()}
    return {
        purpose: _stand(text, versions[purpose], said.get(purpose), today=today)
        for purpose, text in current.items()
        if text is not None
    }


def _stand(
    text: models.ConsentText, versions: Sequence[models.ConsentText], newest: models.Consent | None, *, today: date
) -> Stand:
    if newest is None:
        return Stand(text, ConsentStatus.NOT_GIVEN, None, None)
    if newest.act is ConsentAct.WITHDRAWN:
        return Stand(text, ConsentStatus.WITHDRAWN, newest, None)
    status = ConsentStatus.GIVEN
    if newest.version < text.version:
        is_good = terms.is_good(newest.version, versions, today)
        status = ConsentStatus.EARLIER_VERSION if is_good else ConsentStatus.LAPSED
    return Stand(text, status, newest, terms.good_until(newest.version, versions))


def texts_to_read(texts: Sequence[models.ConsentText], *, today: date) -> list[models.ConsentText]:
    """Those in force and those to come, of all there have been."""
    current = {purpose: stand.text.version for purpose, stand in stands_of(texts, (), today=today).items()}
    return [text for text in texts if text.version >= current.get(text.purpose, 0)]


def no_text() -> InvalidInput:
    """Of a purpose, the refusal where no text is in force."""
    return InvalidInput(
        field="purpose",
        reason="no text of this purpose is in force: there is nothing to agree to",
        reason_pt="Não há texto em vigor para este fim.",
    )


async def read_agreed(
    session: Reader, agreed: Collection[AgreedTo], *, needed: Collection[ConsentPurpose], today: date
) -> list[models.ConsentText]:
    """
    The texts that somebody agrees to, *needed* ones among them.

    Refuses with ConsentTextNotInForce, ConsentRequired.
    """
    texts = await crud.consents.list_texts(session)
    read = [find_text(texts, wanted, today=today) for wanted in agreed]
    said, stands = {text.purpose for text in read}, stands_of(texts, (), today=today)
    for purpose in needed:
        if purpose in stands and purpose not in said:
            raise ConsentRequired(purpose=purpose, version=stands[purpose].text.version)
    return read


def find_text(texts: Sequence[models.ConsentText], wanted: AgreedTo, *, today: date) -> models.ConsentText:
    """The version in force, or one laid down for a day to come: whoever was told of it need not wait for the day."""
    versions = [text for text in texts if text.purpose == wanted.purpose]
    current = terms.in_force(versions, today)
    if current is None:
        raise no_text()
    for text in versions:
        if text.version == wanted.version and text.version >= current.version:
            return text
    raise ConsentTextNotInForce(purpose=wanted.purpose, version=wanted.version, current_version=current.version)


def record_given(
    session: AsyncSession,
    user_id: UUID,
    text: models.ConsentText,
    *,
    actor_id: UUID,
    after: models.Consent | None = None,
    session_id: UUID | None = None,
    now: datetime,
) -> models.Consent:
    """Add that somebody, whose row is new or locked, agrees to *text*, *after* what they said before, and say so."""
    given = models.Consent(
        id=new_id(),
        user_id=user_id,
        purpose=text.purpose,
        place=1 if after is None else after.place + 1,
        act=ConsentAct.GIVEN,
        version=text.version,
        text_sha256=text.sha256,
        at=now,
        actor_id=actor_id,
        session_id=session_id,
    )
    session.add(given)
    fact = events.ConsentGiven(user_id=user_id, purpose=text.purpose, version=text.version)
    outbox.record(session, fact, occurred_at=now)
    return given
