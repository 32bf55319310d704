"""
Devices that have signed in before, and the code that lets a new one in: so a stranger cannot lock anybody out.

A sign-in gives the device a token. Sent along with the next one it proves nothing about the person; it only says that
this is not a stranger's device, and so its failures are counted apart (OWASP calls it a device cookie). A stranger who
fails again and again uses up what all unknown devices of the account share. From then on an unknown device needs a code
besides the password, which is mailed to the owner; the stranger gets neither further guesses nor the owner's mail.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import attempts, personal_data
from subgraphs.accounts.domain.attempts import Counted
from subgraphs.accounts.domain.even_time import even_time
from subgraphs.accounts.domain.letters import Letter
from subgraphs.accounts.domain.messages import queue_letter
from subgraphs.accounts.domain.refusals import UnlockRequired
from subgraphs.accounts.schemas.commands import Origin, SignIn

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without characters that look like others."""
CODE_CHARACTERS = 10
"""Fifty bits, for an hour: tries need no bound of their own, with which a stranger could use the code up."""


async def count_sign_in(services: Services, command: SignIn, *, key: str, origin: Origin) -> list[Counted]:
    """
    Charge one sign-in to the account of the e-mail *key* to the counters it belongs to, before anything is verified.

    Answers the same for an e-mail that nobody has. Refuses with TooManyAttempts and UnlockRequired.
    """
    if command.device_token is not None and await _is_known(services, command.device_token, key=key):
        counters = attempts.of_device(services, device=token_hash(command.device_token))
        await attempts.spend_attempt(services, counters)
        return counters
    counters = attempts.of_stranger(services, email=key, address=origin.address)
    async with services.database.begin(*attempts.rows_of(counters)) as session:
        locked = await attempts.lock(session, services, counters)
        locked.require_free(attempts.PLACE, attempts.ADDRESS)
        seconds_blocked = locked.seconds_blocked(attempts.ACCOUNT)
        if command.unlock_code is not None and await _is_unlocked(session, services, command.unlock_code, key=key):
            counters = [counter for counter in counters if counter.kind != attempts.ACCOUNT]
            seconds_blocked = 0
        if not seconds_blocked:
            locked.count(counters)
        elif command.unlock_code is not None:
            locked.count([counter for counter in counters if counter.kind != attempts.ACCOUNT])
    if seconds_blocked:
        async with even_time(services):
            await _send_code(services, key=key)
        raise UnlockRequired(retry_after_seconds=seconds_blocked)
    return counters


async def _is_known(services: Services, token: str, *, key: str) -> bool:
    async with services.database.read() as session:
        return await crud.devices.is_device_of(session, token_hash(token), email_key=key)


async def _is_unlocked(session: AsyncSession, services: Services, code: str, *, key: str) -> bool:
    now = services.clock.now()
    return await crud.devices.is_open_unlock(
        session, account_key(services, key), _code_hash(services, code, key=key), now=now
    )


async def _send_code(services: Services, *, key: str) -> None:
    """Mail a code to whoever has the e-mail, unless one that still works is on its way already."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_CHARACTERS))
    code = f"{code[:5]}-{code[5:]}"
    now = services.clock.now()
    async with services.database.begin() as session:
        user = await crud.users.find_user_by_email(session, key)
        is_new = await crud.devices.put_unlock(
            session,
            account_key(services, key),
            _code_hash(services, code, key=key),
            now=now,
            expires_at=now + timedelta(seconds=services.settings.unlock_code_seconds),
        )
        if is_new and user is not None and user.email is not None:
            name = personal_data.first_name(user.display_name)
            queue_letter(session, services, Letter.UNLOCK_SIGN_IN, to=user.email, name=name, code=code)


async def remember(session: AsyncSession, services: Services, user_id: UUID, token: str | None) -> str:
    """The token of the device that has just signed in: the one it sent, if it is the person's, or a new one."""
    now = services.clock.now()
    if token is not None and await crud.devices.touch_device(session, token_hash(token), user_id, now=now):
        return token
    token = secrets.token_urlsafe(32)
    await crud.devices.add_device(session, token_hash(token), user_id, now=now)
    await crud.devices.delete_surplus_devices(session, user_id, kept=services.settings.devices_max)
    return token


def token_hash(token: str) -> bytes:
    """Tokens have 256 random bits: a plain hash of one tells nothing."""
    return hashlib.sha256(token.encode()).digest()


def account_key(services: Services, email_key: str) -> bytes:
    """Codes are kept by the e-mail, whether or not anybody has it, so that both take as long."""
    return services.vault.fingerprint(email_key, use="unlock")


def _code_hash(services: Services, code: str, *, key: str) -> bytes:
    tidy = re.sub(r"[\s-]", "", code).upper()
    return services.vault.fingerprint(f"{key} {tidy}", use="unlock code")
