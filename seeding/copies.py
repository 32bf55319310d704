"""
One copy of the story: what becomes of its ids, names and moments.

A copy's ids are UUIDs of version 8 (RFC 9562) that say which copy they are of:

    time, as in the told id (48)   8   order within it (12)   variant   copy (22)   hash of told id and copy (40)

They sort as the told ones do. A run that is begun again finds by them what is there already.
"""

import hashlib
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.wallet.domain import chart

COPIES_MAX = (1 << 22) - 1
_VERSION = 8
_VARIANT = 0b10
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TAIL_CHARACTERS = 11
"""Of a name of the gateway's, the ones that it draws by lot."""

NUMBER = (
    "((get_byte(uuid_send({id}), 8) & 63) * 65536 + get_byte(uuid_send({id}), 9) * 256 + get_byte(uuid_send({id}), 10))"
)
"""The copy that an id is of, in SQL; the platform's own accounts, which are of version 8 too, are of copy 0."""
_IN_TEXT = r"\m[0-9a-f]{8}-?[0-9a-f]{4}-?8[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\M"


def is_copy(column: str) -> str:
    """A condition in SQL: the id in *column* is one of a copy."""
    return f"(get_byte(uuid_send({column}), 6) >> 4 = {_VERSION} AND {NUMBER.format(id=column)} > 0)"


def names_copy(column: str) -> str:
    """The same of an id within the text in *column*."""
    return f"coalesce({column} ~ '{_IN_TEXT}', false)"


@dataclass(frozen=True)
class Shared:
    """What one domain's copies have in common."""

    ids: Set[UUID]
    """Of what is not copied."""
    accounts: Mapping[UUID, Callable[["Copy"], str]]
    """Ledger accounts, whose ids follow from their codes."""


@dataclass
class Copy:
    number: int
    """From 1."""
    shared: Shared
    _ids: dict[UUID, UUID] = field(default_factory=dict)

    def id(self, told: UUID) -> UUID:
        known = self._ids.get(told)
        if known is None:
            self._ids[told] = known = self._id_of(told)
        return known

    def _id_of(self, told: UUID) -> UUID:
        if told in self.shared.ids:
            return told
        if code := self.shared.accounts.get(told):
            return chart.id_of(code(self))
        digest = self._digest(told.bytes)
        high = told.int >> 64 if told.version == 7 else int.from_bytes(digest[8:])  # ordered by time
        low = self.number << 40 | int.from_bytes(digest[:5])
        return UUID(int=(high & ~0xF000 | _VERSION << 12) << 64 | _VARIANT << 62 | low)

    def moment(self, told: datetime) -> datetime:
        """A little earlier for each copy, so that no moment is that of all of them."""
        return told - timedelta(milliseconds=self.number)

    def email(self, told: str) -> str:
        """`marina@…` is `marina+7@…` in the seventh copy."""
        local, _, host = told.partition("@")
        return f"{local}+{self.number}@{host}"

    def name(self, told: str) -> str:
        """A name as long as *told*, with another end."""
        rest, characters = int.from_bytes(self._digest(told.encode())), []
        for _ in range(min(_TAIL_CHARACTERS, len(told))):
            rest, letter = divmod(rest, len(_LETTERS))
            characters.append(_LETTERS[letter])
        return told[: len(told) - len(characters)] + "".join(characters)

    def _digest(self, told: bytes) -> bytes:
        return hashlib.blake2b(told + self.number.to_bytes(4), digest_size=16).digest()
