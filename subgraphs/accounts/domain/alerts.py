"""
Telling people what happened to their account in case it was not them, with a link that says so.

The link goes to every contact that is confirmed at that moment: so a changed e-mail is told to the old address. Whoever
took the account over can neither read it there nor switch it off. What following it does: `disowning.py`. Other
domains learn of the alert too, without a link: inbox and telephone say the same.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import personal_data
from subgraphs.accounts.domain.letters import Letter, describe
from subgraphs.accounts.domain.messages import queue_letter
from subgraphs.accounts.domain.registration import token_hash
from subgraphs.accounts.models.vocabulary import AlertKind, MoneyOutAlertKind
from subgraphs.accounts.schemas import events
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox


async def raise_alert(
    session: AsyncSession, services: Services, user: models.User, kind: AlertKind, *, now: datetime
) -> None:
    """Tell *user*, and every domain, what happened to the account. Before an e-mail is replaced, not after."""
    await warn(session, services, user, kind, now=now)
    outbox.record(session, events.SecurityAlert(user_id=user.id, kind=kind), occurred_at=now)


async def warn(
    session: AsyncSession,
    services: Services,
    user: models.User,
    kind: AlertKind | MoneyOutAlertKind,
    *,
    now: datetime,
    **details: str,
) -> None:
    """Tell *user* alone: with one link, by every confirmed contact; of a company, each of its representatives so."""
    told = describe(kind, **details)
    if not user.is_company:
        await _send(session, services, user, reader=user, letter=Letter.ALERT, now=now, told=told)
        return
    told = {name: f"{user.display_name}: {what}" for name, what in told.items()}
    readers = await crud.representations.list_people_of(session, [user.id], on=business_date(now))
    for _, reader in readers:
        await _send(session, services, user, reader=reader, letter=Letter.COMPANY_ALERT, now=now, told=told)


async def _send(
    session: AsyncSession,
    services: Services,
    user: models.User,
    *,
    reader: models.User,
    letter: Letter,
    now: datetime,
    told: Mapping[str, str],
) -> None:
    """*reader* gets a link of their own, which stops what happened to *user*."""
    hours = await crud.alerts.get_parameter(session, "alert_link_hours", business_date(now))
    token = secrets.token_urlsafe(32)
    assert reader.email is not None  # noqa: S101  # a person's open account has it, by constraint
    assert reader.email_key is not None  # noqa: S101  # as above
    session.add(
        models.Alert(
            id=new_id(),
            user_id=user.id,
            token_hash=token_hash(token),
            email=reader.email,
            email_key=reader.email_key,
            email_confirmed_at=reader.email_confirmed_at,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    filled = {
        "name": personal_data.first_name(reader.display_name),
        **told,
        "link": f"{services.settings.frontend_url}/nao-fui-eu?token={token}",
        "token": token,
    }
    if reader.email_confirmed_at is not None:
        queue_letter(session, services, letter, to=reader.email, **filled)
    if reader.phone is not None and reader.phone_confirmed_at is not None:
        queue_letter(session, services, Letter.ALERT_BY_PHONE, to=reader.phone, **filled)
