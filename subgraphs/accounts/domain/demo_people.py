"""People made ready for demonstrations and tests of the whole: as if they had signed up and been verified."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import consents, personal_data, registration
from subgraphs.accounts.models.vocabulary import IdentityStatus, Profile, StaffRole
from subgraphs.accounts.schemas import events
from subgraphs.accounts.schemas.commands import SignUp
from subgraphs.shared import tax_ids
from subgraphs.shared.clock import business_date
from subgraphs.shared.messaging import outbox


async def seed_person(
    session: AsyncSession,
    services: Services,
    *,
    name: str,
    email: str,
    password: str,
    cpf: str,
    phone: str,
    born_on: date,
    profiles: Iterable[str] = (),
    staff_roles: Iterable[str] = (),
) -> UUID:
    """
    A person with a known password, confirmed and verified; the one who has the e-mail already, if there is one.

    The same facts are published as when somebody signs up and passes the identity check. Staff need no profile.
    They have agreed to what they need for an account and their profiles. Refuses with InvalidInput what sign-up refuses
    about name, e-mail, CPF and phone.
    """
    email, now = personal_data.read_email(email), services.clock.now()
    wanted = consents.purposes_of(Profile(profile) for profile in profiles)
    texts = await crud.consents.list_texts(session)
    stands = consents.stands_of(texts, (), today=business_date(now))
    agreed = [stand.text for purpose, stand in stands.items() if purpose in wanted]
    if existing := await crud.users.find_user_by_email(session, personal_data.email_key(email)):
        await _agree(session, existing.id, agreed, now=now)
        return existing.id
    command = SignUp(
        full_name=personal_data.read_name(name),
        email=email,
        password=password,
        birth_date=born_on,
        phone=personal_data.read_phone(phone),
        cpf=tax_ids.read_cpf(cpf),
        profiles=tuple(Profile(profile) for profile in profiles),
        consents=(),
    )
    user = registration.make_user(services, command, password_hash=await services.passwords.hash(password))
    user.staff_roles = [StaffRole(role).value for role in staff_roles]
    user.email_confirmed_at = user.phone_confirmed_at = now
    user.identity_status = IdentityStatus.VERIFIED
    await registration.add_user(session, user, agreed, now=now)
    outbox.record(session, events.IdentityVerified(user_id=user.id, person=user.person), occurred_at=now)
    return user.id


async def _agree(session: AsyncSession, user_id: UUID, texts: Iterable[models.ConsentText], *, now: datetime) -> None:
    """Of somebody from before there were texts; who has said something of one, stands by it."""
    await crud.users.lock_user(session, user_id)
    said = {consent.purpose for consent in await crud.consents.list_newest(session, [user_id])}
    for text in texts:
        if text.purpose not in said:
            consents.record_given(session, user_id, text, actor_id=user_id, now=now)
