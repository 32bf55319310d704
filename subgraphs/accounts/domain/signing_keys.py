"""
The keys that sign access tokens, and their replacement without a moment in which some token is not believed.

    created ──lead──▶ signs ───────────▶ successor signs ──a token's life──▶ unpublished
       └───────────────── published in the key set ─────────────────────────┘

A new key is published before it signs, for longer than verifiers keep their copy of the key set. An old one stays
published until the last token that it signed has expired. Who signs follows from the clock alone.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.schemas import events
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.identity import KeySet
from subgraphs.shared.messaging import outbox
from subgraphs.shared.standing import crud as rows
from subgraphs.shared.vault import Vault

ALGORITHM = "EdDSA"
RING_SECONDS = 30
"""How long a process uses what it has read of the keys. Part of what a published key must outlive."""
MARGIN_SECONDS = 60
"""Beside the lifetime of a token: clocks differ, requests take time."""


@dataclass(frozen=True)
class Signer:
    key_id: str
    private_key: Ed25519PrivateKey


@dataclass
class KeyRing:
    """This process's view of the keys."""

    settings: AccountsSettings
    database: Database
    vault: Vault
    clock: Clock
    is_withdrawn: Callable[[str], bool] = lambda _key_id: False
    """Whether a key must not be used any more, by what this process has been told."""
    _keys: list[models.SigningKey] = field(default_factory=list, init=False)
    _read_at: datetime | None = field(default=None, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _private: dict[str, Ed25519PrivateKey] = field(default_factory=dict, init=False)

    async def key_set(self) -> KeySet:
        """The public keys (RFC 7517): what signs, what will sign, and what has signed tokens still alive."""
        return {"keys": [key.public_jwk for key in await self._current()]}

    async def signer(self) -> Signer:
        """The key that signs now."""
        keys = await self._current()
        now = self.clock.unmoved()  # after reading: the very first key begins to sign while it is read
        key = max((key for key in keys if key.signs_from <= now), key=lambda key: (key.signs_from, key.id))
        if key.id not in self._private:
            secret = self.vault.open(key.private_sealed, use="signing key", place=key.id)
            self._private[key.id] = Ed25519PrivateKey.from_private_bytes(secret)
        return Signer(key.id, self._private[key.id])

    async def rotate(self) -> models.SigningKey:
        """Make and publish the key that signs next; the one on its way already, if there is one."""
        async with self.database.begin() as session:
            key = await rotate_keys(session, settings=self.settings, vault=self.vault, now=self.clock.unmoved())
        self._read_at = None
        return key

    async def rotate_when_old(self) -> None:
        """The job: replace the signing key before it is older than the settings allow; forget unpublished ones."""
        now = self.clock.unmoved()
        async with self.database.begin() as session:
            await crud.signing_keys.lock_all_keys(session)
            newest = await crud.signing_keys.find_newest_key(session)
            age_max = timedelta(days=self.settings.signing_key_days_max)
            if newest is None or newest.signs_from + age_max <= now:
                await rotate_keys(session, settings=self.settings, vault=self.vault, now=now)
            await crud.signing_keys.delete_unpublished_keys(session, now)
        self._read_at = None

    async def withdraw(self, key_id: str) -> bool:
        """
        Unpublish a key that others may know, at once, and sign with a new one; False when there is no such key.

        Every token that it signed stops being believed within seconds: our processes and the other domains are told,
        and whoever is not told reads the key set again by then.
        """
        now = self.clock.unmoved()
        async with self.database.begin() as session:
            await crud.signing_keys.lock_all_keys(session)
            if not await crud.signing_keys.delete_key(session, key_id):
                return False
            session.add(make_key(self.vault, now=now, signs_from=now))
            await rows.keep_withdrawn_key(session, key_id, withdrawn_at=now)
            outbox.record(session, events.SigningKeyWithdrawn(key_id=key_id), occurred_at=now)
        self._read_at = None
        return True

    async def _current(self) -> list[models.SigningKey]:
        now = self.clock.unmoved()
        if any(self.is_withdrawn(key.id) for key in self._keys):
            self._read_at = None  # another process has withdrawn it
        if self._read_at is None or not timedelta(0) <= now - self._read_at < timedelta(seconds=RING_SECONDS):
            async with self._lock:
                self._keys = await self._read(now)
                self._read_at = now
        return self._keys

    async def _read(self, now: datetime) -> list[models.SigningKey]:
        async with self.database.read() as session:
            keys = await crud.signing_keys.list_published_keys(session, now)
        if any(key.signs_from <= now for key in keys):
            return keys
        # The first start of all: nothing is published anywhere yet, so the first key may sign at once.
        async with self.database.begin() as session:
            await crud.signing_keys.lock_all_keys(session)
            keys = await crud.signing_keys.list_published_keys(session, now)
            if not any(key.signs_from <= now for key in keys):
                first = make_key(self.vault, now=now, signs_from=now)
                session.add(first)
                keys = [*keys, first]
        return keys


async def rotate_keys(
    session: AsyncSession, *, settings: AccountsSettings, vault: Vault, now: datetime
) -> models.SigningKey:
    """
    Publish a key that will sign after the lead time, and say until when the present ones stay published.

    Rotating twice within the lead time is rotating once: the successor is already on its way.
    """
    await crud.signing_keys.lock_all_keys(session)
    newest = await crud.signing_keys.find_newest_key(session)
    if newest is not None and newest.signs_from > now:
        return newest
    lead = timedelta(seconds=settings.signing_key_lead_seconds if newest else 0)
    key = make_key(vault, now=now, signs_from=now + lead)
    last_signature = key.signs_from + timedelta(seconds=RING_SECONDS)
    until = last_signature + timedelta(seconds=settings.access_token_seconds + MARGIN_SECONDS)
    await crud.signing_keys.unpublish_keys_after(session, until)
    session.add(key)
    return key


def make_key(vault: Vault, *, now: datetime, signs_from: datetime) -> models.SigningKey:
    """A new Ed25519 key (RFC 8037)."""
    private = Ed25519PrivateKey.generate()
    public: dict[str, Any] = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    members = {name: public[name] for name in ("crv", "kty", "x")}
    key_id = _thumbprint(members)
    return models.SigningKey(
        id=key_id,
        public_jwk={**members, "kid": key_id, "use": "sig", "alg": ALGORITHM},
        private_sealed=vault.seal(private.private_bytes_raw(), use="signing key", place=key_id),
        created_at=now,
        signs_from=signs_from,
        published_until=None,
    )


def _thumbprint(members: dict[str, Any]) -> str:
    """RFC 7638: the hash of the key's own members, in order of their names."""
    digest = hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
