"""Agreeing to a text and taking that back, and telling people of new texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import consents
from subgraphs.accounts.domain.consents import Stand
from subgraphs.accounts.domain.refusals import ConsentNeeded, SessionEnded
from subgraphs.accounts.domain.sessions import session_id_of
from subgraphs.accounts.models import ConsentAct
from subgraphs.accounts.schemas import events
from subgraphs.accounts.schemas.commands import AgreedTo
from subgraphs.shared.clock import business_date
from subgraphs.shared.identity import Identity
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox
from subgraphs.shared.refusal import Message
from subgraphs.shared.vocabulary import ConsentPurpose

BATCH = 500
"""People told of a text in one transaction."""

LEADS_TO: Mapping[ConsentPurpose, Message] = {
    ConsentPurpose.CREDIT_BUREAU: Message(
        pt="Não consultaremos mais o SCR e os birôs: você não pode pedir crédito, e um pedido que ainda espera a "
        "consulta fica parado até um novo aceite. Contratos em andamento não mudam.",
        en="The SCR and bureaus are asked no more: you cannot ask for credit, and a request that waits for their "
        "report waits until you agree again. Contracts go on as they are.",
    ),
    ConsentPurpose.INVESTMENT_RISK: Message(
        pt="Você não pode investir nem comprar cotas até um novo aceite. Os investimentos que já fez não mudam.",
        en="You cannot invest or buy quotas until you agree again. Investments that you have go on as they are.",
    ),
    ConsentPurpose.MARKETING: Message(
        pt="Você não receberá mais novidades e ofertas. Avisos sobre a sua conta e os seus contratos continuam.",
        en="No more news and offers are sent to you. What concerns your account and contracts still is.",
    ),
}
"""What follows when a consent is withdrawn; one that is not here cannot be."""


async def give_consent(services: Services, command: AgreedTo, *, actor: Identity) -> Stand:
    """
    Agree to a text; of who has agreed to it, or to a later version, nothing is added.

    Refuses with ConsentTextNotInForce, InvalidInput (no text of the purpose is in force), SessionEnded.
    """
    now = services.clock.now()
    today = business_date(now)
    async with services.database.begin() as session:
        user = await _lock_person(session, actor=actor)
        texts = await crud.consents.list_texts(session)
        text = consents.find_text(texts, command, today=today)
        newest = await crud.consents.list_newest(session, [user.id])
        earlier = next((consent for consent in newest if consent.purpose == text.purpose), None)
        if earlier is None or earlier.act is ConsentAct.WITHDRAWN or earlier.version < text.version:
            given = consents.record_given(
                session,
                user.id,
                text,
                actor_id=actor.oneself().user_id,
                after=earlier,
                session_id=session_id_of(actor=actor),
                now=now,
            )
            newest = [given, *(consent for consent in newest if consent is not earlier)]
    return consents.stands_of(texts, newest, today=today)[text.purpose]


async def withdraw_consent(services: Services, purpose: ConsentPurpose, *, actor: Identity) -> Stand:
    """
    Take back having agreed; of who has not, nothing is added.

    Refuses with ConsentNeeded, InvalidInput (no text of the purpose is in force), SessionEnded.
    """
    if purpose not in LEADS_TO:
        raise ConsentNeeded(purpose=purpose)
    now = services.clock.now()
    async with services.database.begin() as session:
        user = await _lock_person(session, actor=actor)
        texts = await crud.consents.list_texts(session)
        newest = list(await crud.consents.list_newest(session, [user.id]))
        given = next((consent for consent in newest if consent.purpose == purpose), None)
        if given is not None and given.act is ConsentAct.GIVEN:
            newest = [_record_withdrawn(session, given, actor=actor, now=now)]
    stand = consents.stands_of(texts, newest, today=business_date(now)).get(purpose)
    if stand is None:
        raise consents.no_text()
    return stand


async def _lock_person(session: AsyncSession, *, actor: Identity) -> models.User:
    """Whoever says something of texts waits for what they are saying at the same moment."""
    user = await crud.users.lock_user(session, actor.user_id)
    if user is None or user.closed_at is not None:
        raise SessionEnded
    return user


def _record_withdrawn(
    session: AsyncSession, given: models.Consent, *, actor: Identity, now: datetime
) -> models.Consent:
    withdrawn = models.Consent(
        id=new_id(),
        user_id=given.user_id,
        purpose=given.purpose,
        place=given.place + 1,
        act=ConsentAct.WITHDRAWN,
        version=given.version,
        text_sha256=given.text_sha256,
        at=now,
        actor_id=actor.oneself().user_id,
        session_id=session_id_of(actor=actor),
    )
    session.add(withdrawn)
    fact = events.ConsentWithdrawn(user_id=given.user_id, purpose=given.purpose, version=given.version)
    outbox.record(session, fact, occurred_at=now)
    return withdrawn


async def tell_of_new_texts(services: Services) -> int:
    """
    The job: tell who has agreed to an earlier version of the newest text of a purpose; how many.

    As soon as it is laid down, so that people know before its day.
    """
    async with services.database.read() as session:
        newest = {text.purpose: text for text in await crud.consents.list_texts(session)}
    told = 0
    for text in newest.values():
        while text.version > 1 and (some := await _tell_some(services, text)):
            told += len(some)
    return told


async def _tell_some(services: Services, text: models.ConsentText) -> Sequence[UUID]:
    now = services.clock.now()
    async with services.database.begin() as session:
        untold = await crud.consents.lock_untold(session, text, limit=BATCH)
        if not untold:
            return ()
        told = await crud.consents.add_notices(session, untold, purpose=text.purpose, version=text.version, now=now)
        for user_id in told:
            asked = events.ConsentAsked(
                user_id=user_id,
                purpose=text.purpose,
                version=text.version,
                valid_from=text.valid_from,
                earlier_good_until=text.earlier_good_until,
            )
            outbox.record(session, asked, occurred_at=now)
    return told
