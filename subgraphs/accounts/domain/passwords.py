"""
Passwords: hashed with Argon2id (RFC 9106), in threads of their own and never on the event loop.

One hash takes tens of milliseconds and 64 MiB on purpose; few workers keep many sign-ins from taking the
machine's memory. Those that wait for one are bounded, and told at once when there are more. Comparing with the hash of
an unknown person takes as long as with a known one's.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import argon2

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.shared.turns import Line

T = TypeVar("T")


class Passwords:
    def __init__(self, settings: AccountsSettings) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=settings.password_time_cost,
            memory_cost=settings.password_memory_kib,
            parallelism=settings.password_parallelism,
        )
        self._workers = ThreadPoolExecutor(settings.password_workers, thread_name_prefix="argon2")
        self._line = Line(
            "workers that hash passwords", settings.password_workers, waiting_max=settings.password_waiting_max
        )
        # Nobody's password: verified against when there is nobody, so that the answer takes as long.
        self._nobody = self._argon2.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        return await self._in_worker(self._hash, _prepared(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether *password* is the one that was hashed; as slow, and never true, for None."""
        matches = await self._in_worker(self._matches, hashed or self._nobody, _prepared(password))
        return matches and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Whether *hashed* was made with other costs than today's."""
        return self._argon2.check_needs_rehash(hashed)

    async def close(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: str) -> str:
        return self._argon2.hash(password)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        except argon2.exceptions.VerificationError:
            return False

    async def _in_worker(self, function: Callable[..., T], *arguments: str) -> T:
        async with self._line.place():
            return await asyncio.get_running_loop().run_in_executor(self._workers, function, *arguments)


def _prepared(password: str) -> str:
    # One keyboard sends "é" as one character, another as two (RFC 8265, section 4.2.2).
    return unicodedata.normalize("NFC", password)
