"""
Signing up, and proving that the e-mail or phone is one's own.

A stranger must not learn who has an account. So signing up answers the same whether the e-mail or the CPF is known;
what really happened is told to the mailbox, which only its owner reads.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import attempts, consents, personal_data
from subgraphs.accounts.domain.even_time import even_time
from subgraphs.accounts.domain.letters import Letter
from subgraphs.accounts.domain.messages import queue_letter
from subgraphs.accounts.models.vocabulary import Channel
from subgraphs.accounts.schemas import events
from subgraphs.accounts.schemas.commands import Origin, SignUp
from subgraphs.shared.clock import business_date
from subgraphs.shared.ids import new_id
from subgraphs.shared.messaging import outbox


async def sign_up(services: Services, command: SignUp, *, origin: Origin) -> None:
    """
    Open an account that waits for its confirmation, or tell the mailbox why not.

    Of two sign-ups at once with one e-mail or CPF the database lets one through; the other finds it then.
    Refuses with ConsentRequired, ConsentTextNotInForce, TooManyAttempts.
    """
    today = business_date(services.clock.now())
    async with services.database.read() as session:
        texts = await consents.read_agreed(session, command.consents, needed=consents.NEEDED, today=today)
    async with even_time(services):
        key = personal_data.email_key(command.email)
        counters = attempts.of_messages(services, email=key, address=origin.address)
        await attempts.spend_attempt(services, counters)
        password_hash = await services.passwords.hash(command.password)
        try:
            async with services.database.begin() as session:
                if not await _told_mailbox(session, services, command):
                    user = make_user(services, command, password_hash=password_hash)
                    await add_user(session, user, texts, now=services.clock.now())
                    send_confirmations(session, services, user)
        except IntegrityError:
            async with services.database.begin() as session:
                if not await _told_mailbox(session, services, command):
                    raise


async def _told_mailbox(session: AsyncSession, services: Services, command: SignUp) -> bool:
    """Whether e-mail or CPF are taken, or may be taken back; if so, letters to their owners are queued."""
    by_email = await crud.users.find_user_by_email(session, personal_data.email_key(command.email))
    by_cpf = await crud.users.find_user_by_cpf(session, cpf_fingerprint(services, command.cpf))
    key = personal_data.email_key(command.email)
    is_reserved = by_email is None and await crud.alerts.is_reserved(session, key, now=services.clock.now())
    if by_email is not None or is_reserved:
        if by_email is None or by_email.is_confirmed:
            link = f"{services.settings.frontend_url}/senha"
            queue_letter(session, services, Letter.ALREADY_REGISTERED, to=command.email, link=link)
        else:
            send_confirmations(session, services, by_email)
    elif by_cpf is not None:
        queue_letter(session, services, Letter.CPF_IN_USE, to=command.email)
        if by_cpf.email is not None:
            queue_letter(session, services, Letter.CPF_TRIED, to=by_cpf.email)
    return by_email is not None or is_reserved or by_cpf is not None


def cpf_fingerprint(services: Services, cpf: str) -> bytes:
    return services.vault.fingerprint(cpf, use="cpf")


def cpf_of(services: Services, user: models.User) -> str | None:
    """The person's CPF, eleven digits; None of who has left, and of companies."""
    if user.cpf_sealed is None:
        return None
    return services.vault.open(user.cpf_sealed, use="cpf", place=user.id).decode()


def make_user(services: Services, command: SignUp, *, password_hash: str) -> models.User:
    """A person as they sign up: nothing confirmed, nothing proved."""
    user_id = new_id()
    return models.User(
        id=user_id,
        display_name=personal_data.short_name(command.full_name),
        full_name=command.full_name,
        email=command.email,
        email_key=personal_data.email_key(command.email),
        phone=command.phone,
        birth_date=command.birth_date,
        cpf_fingerprint=cpf_fingerprint(services, command.cpf),
        cpf_sealed=services.vault.seal(command.cpf.encode(), use="cpf", place=user_id),
        password_hash=password_hash,
        profiles=[profile.value for profile in command.profiles],
        staff_roles=[],
        identity_status=models.IdentityStatus.NOT_STARTED,
        created_at=services.clock.now(),
    )


async def add_user(
    session: AsyncSession, user: models.User, texts: Iterable[models.ConsentText] = (), *, now: datetime
) -> None:
    """Store *user*, who agrees to *texts*, and say so. Raises IntegrityError when e-mail or CPF are taken."""
    session.add(user)
    await session.flush()
    outbox.record(session, events.UserRegistered(user_id=user.id, profiles=user.profiles), occurred_at=now)
    for text in texts:
        consents.record_given(session, user.id, text, actor_id=user.id, now=now)


def send_confirmations(session: AsyncSession, services: Services, user: models.User) -> None:
    """A link to the e-mail and a code to the phone, of those not confirmed yet."""
    if user.email is not None and user.email_confirmed_at is None:
        send_email_link(session, services, user, user.email)
    if user.phone is not None and user.phone_confirmed_at is None:
        send_phone_code(session, services, user.id, user.phone)


def send_email_link(session: AsyncSession, services: Services, user: models.User, email: str) -> None:
    """A link to *email*; following it makes it the person's confirmed address."""
    token = secrets.token_urlsafe(32)
    _add_confirmation(
        session,
        services,
        user.id,
        channel=Channel.EMAIL,
        contact=email,
        secret_hash=token_hash(token),
        seconds=services.settings.confirmation_link_seconds,
    )
    link = f"{services.settings.frontend_url}/confirmar?token={token}"
    queue_letter(
        session,
        services,
        Letter.CONFIRM_EMAIL,
        to=email,
        name=personal_data.first_name(user.display_name),
        link=link,
        token=token,
    )


def send_phone_code(session: AsyncSession, services: Services, user_id: UUID, phone: str) -> None:
    """A six-digit code to *phone*; earlier ones are void from then on."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    _add_confirmation(
        session,
        services,
        user_id,
        channel=Channel.SMS,
        contact=phone,
        secret_hash=code_hash(services, user_id, code),
        seconds=services.settings.confirmation_code_seconds,
    )
    queue_letter(session, services, Letter.CONFIRM_PHONE, to=phone, code=code)


def _add_confirmation(
    session: AsyncSession,
    services: Services,
    user_id: UUID,
    *,
    channel: Channel,
    contact: str,
    secret_hash: bytes,
    seconds: int,
) -> None:
    now = services.clock.now()
    session.add(
        models.Confirmation(
            id=new_id(),
            user_id=user_id,
            channel=channel,
            contact=contact,
            secret_hash=secret_hash,
            created_at=now,
            expires_at=now + timedelta(seconds=seconds),
            tries=0,
        )
    )


def token_hash(token: str) -> bytes:
    """Tokens have 256 random bits: a plain hash of one tells nothing."""
    return hashlib.sha256(token.encode()).digest()


def code_hash(services: Services, user_id: UUID, code: str) -> bytes:
    """Codes have twenty bits, all of which could be tried: their hash needs a key."""
    return services.vault.fingerprint(f"{user_id} {code}", use="code")


async def resend_confirmation(services: Services, email: str, *, origin: Origin) -> None:
    """Send link and code again. Answers the same for an unknown e-mail. Refuses with TooManyAttempts."""
    async with even_time(services):
        key = personal_data.email_key(email)
        counters = attempts.of_messages(services, email=key, address=origin.address)
        await attempts.spend_attempt(services, counters)
        async with services.database.begin() as session:
            user = await crud.users.find_user_by_email(session, key)
            if user is not None:
                send_confirmations(session, services, user)
