"""
Verified places: where every chain stood when a whole check of the books found nothing wrong.

A place is kept in the database, where somebody who may write there could change it, and so it is signed (Ed25519) with
a key that is not there. What is signed is a digest over all chains, from which a later check goes on: what an account
had, and the hash that its next entry has to carry. Kept elsewhere as well, it shows later that the ledger still goes
on from it, and has not been written anew, cut short or brought back from an older backup.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.exc import IntegrityError

from subgraphs.shared.database import Database
from subgraphs.shared.reading import Reader, SnapshotSession
from subgraphs.wallet import crud
from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.crud.places import AGE_MAX, Since
from subgraphs.wallet.models import VerifiedPlace

SIGNED = ("number", "verified_at", "server", "written_before", "entries", "digest", "key")
"""What of a place is signed, in this order."""
DIGEST_BYTES_MAX = 10_000
"""Of a file with a digest, which has about 500."""


class UnusablePlace(Exception):
    """A check cannot go on from this place; the message says why."""

    def __init__(self, message: str, *, is_forged: bool = False) -> None:
        super().__init__(message)
        self.is_forged = is_forged
        """Whether somebody must have written it who had no right to."""


class BooksKey:
    """Signs places."""

    def __init__(self, secret: str) -> None:
        seed = HKDF(SHA256(), 32, salt=None, info=b"peerseed books").derive(secret.encode())
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.name = self._private.public_key().public_bytes_raw().hex()
        """The public key: with it anybody can verify a digest."""

    @classmethod
    def from_settings(cls, settings: WalletSettings) -> "BooksKey | None":
        secret = settings.books_secret
        return None if secret is None else cls(secret.get_secret_value())

    def sign(self, place: VerifiedPlace) -> None:
        place.key = self.name
        place.signature = self._private.sign(_content(place)).hex()

    def verify(self, place: VerifiedPlace) -> None:
        """Raises UnusablePlace."""
        if place.key != self.name:
            raise UnusablePlace(
                f"verified place {place.number} is signed by the key {place.key[:16]}…, and not by ours, "
                f"{self.name[:16]}…"
            )
        try:
            self._private.public_key().verify(bytes.fromhex(place.signature), _content(place))
        except (InvalidSignature, ValueError):
            raise UnusablePlace(
                f"verified place {place.number} is not as it was signed: somebody has changed it", is_forged=True
            ) from None


def _content(place: VerifiedPlace) -> bytes:
    return "\n".join(["Peerseed books", *(str(value) for value in _fields(place).values())]).encode()


def _fields(place: VerifiedPlace) -> dict[str, str | int]:
    fields = {name: getattr(place, name) for name in SIGNED}
    return {**fields, "verified_at": place.verified_at.astimezone(UTC).isoformat()}


def write_digest(place: VerifiedPlace) -> str:
    """What is kept elsewhere."""
    return json.dumps({**_fields(place), "signature": place.signature}, indent=2) + "\n"


def read_digest(content: str) -> VerifiedPlace:
    """The other way round. Raises UnusablePlace."""
    try:
        fields = json.loads(content)
        return VerifiedPlace(
            number=int(fields["number"]),
            verified_at=datetime.fromisoformat(fields["verified_at"]).astimezone(UTC),
            server=str(fields["server"]),
            written_before=int(fields["written_before"]),
            entries=int(fields["entries"]),
            digest=str(fields["digest"]),
            key=str(fields["key"]),
            signature=str(fields["signature"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError):
        raise UnusablePlace("the file is no digest of the books as `make books KEEP=file` writes it") from None


@dataclass(frozen=True)
class Start:
    """Where a check is to go on from, and whose word for it is good."""

    place: VerifiedPlace
    key: BooksKey


async def open_place(session: Reader, start: Start) -> Since:
    """
    What a check from there on looks at. Raises UnusablePlace.

    On another server than it was verified on (after a move, a restore), rows do not tell whether they are newer: then
    all of them are looked at, and only the chains are followed from the place on.
    """
    place = start.place
    start.key.verify(place)
    day = f"{place.verified_at:%Y-%m-%d %H:%M} UTC"
    kept = await crud.places.find_place(session, place.number)
    if kept is None:
        raise UnusablePlace(
            f"this ledger knows nothing of verified place {place.number} of {day}: it is another one, or was brought "
            "back from a backup that is older"
        )
    if kept.digest != place.digest:
        raise UnusablePlace(
            f"this ledger's verified place {place.number} is not the one of {day}: it was brought back from an older "
            "backup and went on from there, or was written anew"
        )
    if await find_digest(session, place=place.number) != place.digest:
        raise UnusablePlace(
            f"where the chains stood at verified place {place.number} is not what was signed: somebody has changed it",
            is_forged=True,
        )
    server, _ = await crud.places.get_standing(session)
    age = await crud.places.age_of(session, place.written_before) if server == place.server else AGE_MAX
    return Since(
        place=place.number,
        age=age if age >= 0 else AGE_MAX,
        verified_at=place.verified_at,
        entries=place.entries,
    )


async def find_digest(session: Reader, *, place: int | None = None) -> str:
    """SHA-256 over where all chains stand, or stood at a place."""
    digest = hashlib.sha256()
    for row in await crud.places.list_digest_parts(session, place=place):
        digest.update(bytes([row.part]) + row.hash)
    return digest.hexdigest()


async def keep_place(
    session: SnapshotSession, database: Database, key: BooksKey, *, now: datetime, entries: int, digest: str
) -> VerifiedPlace | None:
    """Note that all was well at the moment that *session* sees; None where another check was faster."""
    last = await crud.places.find_last_place(session)
    server, written_before = await crud.places.get_standing(session)
    place = VerifiedPlace(
        number=1 if last is None else last.number + 1,
        verified_at=now,
        server=server,
        written_before=written_before,
        entries=entries,
        digest=digest,
    )
    key.sign(place)
    snapshot = await crud.places.export_snapshot(session)
    try:
        async with database.begin() as writing:
            await crud.places.see_snapshot(writing, snapshot)
            await crud.places.add_place(writing, place)
    except IntegrityError:
        return None
    return place
