"""
What a person may change of their account, and leaving (LGPD, Lei 13.709/2018, arts. 16 and 18).

Leaving is refused while others depend on the account. Afterwards what no law wants kept is erased; what one does is
kept apart, sealed, until its day, and the person is told what, why and until when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import (
    alerts,
    attempts,
    companies,
    personal_data,
    reauthentication,
    registration,
    representatives,
    second_factors,
    standing,
    telling,
)
from subgraphs.accounts.domain.erasing import erase
from subgraphs.accounts.domain.even_time import even_time
from subgraphs.accounts.domain.letters import Letter
from subgraphs.accounts.domain.messages import queue_letter
from subgraphs.accounts.domain.refusals import SessionEnded
from subgraphs.accounts.models.vocabulary import Channel
from subgraphs.accounts.schemas import events
from subgraphs.accounts.schemas.commands import Origin, UpdateProfile
from subgraphs.shared.identity import Identity
from subgraphs.shared.jobs import all_or_one_by_one
from subgraphs.shared.messaging import outbox
from subgraphs.shared.refusal import InvalidInput
from subgraphs.shared.retention import RETAINED, Retained, Retention

BATCH = 100
"""Accounts erased in one transaction; the rest waits for the job's next run."""


async def update_profile(services: Services, command: UpdateProfile, *, actor: Identity) -> models.User:
    """
    Change the display name, the profiles, the phone.

    A new phone counts once its code has been confirmed; until then the old one stays. A profile cannot be given up
    while it has open business. Tokens have the new scopes from the next refresh on. Refuses with
    AccountHasOpenBusiness, TooManyAttempts (codes sent), SessionEnded.
    """
    if command.phone is not None:
        async with services.database.read() as session:
            known = await crud.users.find_user(session, actor.user_id)
        if known is not None and known.email_key is not None and known.phone != command.phone:
            await attempts.spend_attempt(services, attempts.of_messages(services, email=known.email_key))
    async with services.database.begin() as session:
        user = await crud.users.lock_user(session, actor.user_id)
        if user is None or user.closed_at is not None:
            raise SessionEnded
        changed = False
        if command.profiles is not None:
            wanted = [profile.value for profile in command.profiles]
            for given_up in set(user.profiles) - set(wanted):
                await standing.require_no_business_as(session, user.id, models.Profile(given_up))
            changed |= user.profiles != wanted
            user.profiles = wanted
        if command.display_name is not None:
            changed |= user.display_name != command.display_name
            user.display_name = command.display_name
        if command.phone is not None and user.is_company:
            raise InvalidInput(
                field="phone",
                reason="a company has none; its representatives are reached by their own",
                reason_pt="A empresa não tem celular; avisamos os representantes pelos contatos deles.",
            )
        if command.phone is not None and command.phone != user.phone:
            registration.send_phone_code(session, services, user.id, command.phone)
        if changed:
            record_profile(session, user, now=services.clock.now())
    return user


def record_profile(session: AsyncSession, user: models.User, *, now: datetime) -> None:
    """Tell the other domains that what they know of the person, or asked about them, may have changed."""
    outbox.record(session, events.ProfileUpdated(user_id=user.id, profiles=user.profiles), occurred_at=now)


async def change_email(services: Services, *, actor: Identity, email: str, password: str, origin: Origin) -> None:
    """
    Send a link to the new address; the account has it once the link is followed, and the old one until then.

    Whether somebody else has the address is told to the address only. Refuses with what `confirmed_person` refuses
    and TooManyAttempts.
    """
    key = personal_data.email_key(email)
    await attempts.spend_attempt(services, attempts.of_messages(services, email=key, address=origin.address))
    async with (
        even_time(services),
        reauthentication.confirmed_person(services, password, actor=actor) as (session, user),
    ):
        await crud.confirmations.void_confirmations(session, user.id, Channel.EMAIL)
        now = services.clock.now()
        holder = await crud.users.find_user_by_email(session, key)
        is_taken = holder is not None and holder.id != user.id
        if is_taken or await crud.alerts.is_reserved(session, key, now=now, besides=user.id):
            link = f"{services.settings.frontend_url}/senha"
            queue_letter(session, services, Letter.ALREADY_REGISTERED, to=email, link=link)
        else:
            registration.send_email_link(session, services, user, email)
        await alerts.raise_alert(session, services, user, "EMAIL_CHANGE_REQUESTED", now=now)


@dataclass(frozen=True, slots=True)
class Kept:
    """Something of a closed account that stays."""

    kind: Retention
    retained: Retained
    until: datetime | None
    """For good when None."""


@dataclass(frozen=True, slots=True)
class Closed:
    at: datetime
    kept: tuple[Kept, ...]


async def close_account(
    services: Services, *, actor: Identity, password: str, totp_code: str | None, recovery_code: str | None
) -> Closed:
    """
    End the account for good.

    Needs the password, and the second factor if there is one. Who asks for a company, with their own password, closes
    the company's account. Refuses with AccountHasOpenBusiness, LastAdministrator (of a company that stays),
    RepresentationNotFound, and with what `confirmed_person` and `second_factors.require` refuse.
    """
    now = services.clock.now()
    kept = tuple(_kept(kind, now=now) for kind in Retention)
    async with reauthentication.confirmed_person(services, password, actor=actor.oneself()) as (session, person):
        await second_factors.require(session, services, person, totp_code=totp_code, recovery_code=recovery_code)
        user = person
        if actor.actor_id is not None:
            user = await representatives.lock_company(session, actor=actor, now=now)
        await representatives.require_not_last_of_any(session, user)
        if (refusal := await standing.open_business(session, user.id)) is not None:
            raise refusal
        _retain(session, services, user, now=now)
        await erase(session, user, by=person.id, now=now)
        await telling.tell_closed(session, user.id, now=now)
    return Closed(now, kept)


async def undo_unconfirmed(services: Services) -> int:
    """
    The job: erase sign-ups that nobody confirmed in time; how many.

    Whoever typed somebody else's e-mail or CPF must not keep them from it. Nobody ever signed in there, so there is
    nothing that a law wants kept.
    """
    now = services.clock.now()
    created_before = now - timedelta(days=services.settings.unconfirmed_days_kept)
    async with services.database.begin() as session:
        users = await crud.users.lock_unconfirmed_users(session, created_before=created_before, limit=BATCH)

        async def undo(some: Sequence[models.User]) -> None:
            for user in some:
                await erase(session, user, by=user.id, now=now)
                await telling.tell_closed(session, user.id, now=now)

        return await all_or_one_by_one(session, "forget what is over", users, undo, name=lambda user: user.id)


def _kept(kind: Retention, *, now: datetime) -> Kept:
    retained = RETAINED[kind]
    return Kept(kind, retained, until=now + retained.kept_for if retained.kept_for is not None else None)


def _retain(session: AsyncSession, services: Services, user: models.User, *, now: datetime) -> None:
    kept_until = _kept(Retention.IDENTIFICATION, now=now).until
    assert kept_until is not None  # noqa: S101  # the list says so
    identification = {
        "full_name": user.full_name,
        "cpf": registration.cpf_of(services, user),
        "cnpj": companies.cnpj_of(services, user),
        "birth_date": user.birth_date.isoformat() if user.birth_date is not None else None,
    }
    known = {name: value for name, value in identification.items() if value is not None}
    sealed = services.vault.seal(orjson.dumps(known), use="retained", place=user.id)
    session.add(models.RetainedRecord(user_id=user.id, content_sealed=sealed, kept_until=kept_until))
