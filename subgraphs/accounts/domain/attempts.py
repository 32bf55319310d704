"""
Slowing down who tries too often: counted before any work is done, and so that nobody can keep out somebody else.

Counts live in the database, so that a restart forgives nothing and several processes count together. An attempt is
counted *before* it is known to fail: a hundred guesses sent at once are a hundred attempts, not one look at a
counter that still says zero. Success takes the count back.

    failures      fewer than free      free      free + 1    …
    then wait            0             delay     2 × delay   …  up to the longest delay

Which counters an attempt is charged to depends on who it comes from. A device that has signed in before has one of its
own, so that strangers' failures are not counted against it; neither are they against somebody who is signed in. What
strangers have in common is one counter for the account: when that is used up, only a code that was mailed to the
owner lets another device try (`devices.py`).
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain.refusals import TooManyAttempts
from subgraphs.shared.clock import Clock
from subgraphs.shared.turns import Row

ACCOUNT = "account"
"""Guessing one account's password from devices that never signed in to it, wherever they are."""
PLACE = "place"
"""The same from one address."""
ADDRESS = "address"
"""Guessing from one address, whichever accounts."""
DEVICE = "device"
"""Guessing on a device that has signed in to the account before."""
PERSON = "person"
"""Guessing the password or code of a person with a token of theirs, in whichever session."""
SESSION = "session"
"""The same in one session."""
PHONE_CODE = "phone_code"
"""Guessing the code that was sent to one account's phone."""
MESSAGES = "messages"
"""Having messages sent to one e-mail address."""
MESSAGES_ADDRESS = "messages_address"
"""Having messages sent, from one address."""

STARTS_AFRESH = frozenset({PLACE, DEVICE, SESSION, PHONE_CODE, MESSAGES})
"""Success clears these; of the others, which other people's failures are counted on too, it takes its own back."""

IPV6_PREFIX = 64
"""One subscriber has this whole network, and could otherwise come from a new address each time."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One counter that an attempt is charged to."""

    kind: str
    key: bytes
    free: int

    @property
    def row(self) -> Row:
        """Whoever is counted here waits for the others."""
        return Row(f"attempts by {self.kind}", self.key)


def of_stranger(services: Services, *, email: str, address: str | None) -> list[Counted]:
    """What signing in to *email*'s account is counted on, on a device that never did."""
    settings = services.settings
    place = f"{email} {network_of(address) or 'unknown'}"
    return [
        _counted(services, ACCOUNT, email, settings.attempts_free_per_account),
        _counted(services, PLACE, place, settings.attempts_free),
        *of_address(services, address),
    ]


def of_device(services: Services, *, device: bytes) -> list[Counted]:
    """The same on the known *device*: its own failures only."""
    return [_counted(services, DEVICE, device.hex(), services.settings.attempts_free)]


def of_person(services: Services, *, user_id: UUID, session_id: UUID | None) -> list[Counted]:
    """What proving oneself again is counted on, for who is signed in."""
    settings = services.settings
    return [
        _counted(services, PERSON, str(user_id), settings.attempts_free_per_account),
        _counted(services, SESSION, str(session_id or user_id), settings.attempts_free),
    ]


def of_phone_code(services: Services, *, email: str, address: str | None) -> list[Counted]:
    return [_counted(services, PHONE_CODE, email, services.settings.attempts_free), *of_address(services, address)]


def of_address(services: Services, address: str | None) -> list[Counted]:
    """What anything secret that a stranger sends is counted on."""
    network = network_of(address)
    free = services.settings.attempts_free_per_address
    return [] if network is None else [_counted(services, ADDRESS, network, free)]


def of_messages(services: Services, *, email: str, address: str | None = None) -> list[Counted]:
    """What having messages sent is counted on."""
    settings, network = services.settings, network_of(address)
    counters = [_counted(services, MESSAGES, email, settings.messages_free)]
    if network is not None:
        counters.append(_counted(services, MESSAGES_ADDRESS, network, settings.attempts_free_per_address))
    return counters


def _counted(services: Services, kind: str, of: str, free: int) -> Counted:
    return Counted(kind, services.vault.fingerprint(of, use="attempt"), free)


def network_of(address: str | None) -> str | None:
    """
    The network that *address* stands for; None when it is no address, or this machine's own.

    A request from this machine came through a proxy that does not say for whom: counting it would count everybody
    together, and one guesser could keep out all others.
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)


async def spend_attempt(services: Services, counters: list[Counted]) -> None:
    """
    Count one attempt, whatever becomes of it.

    Refuses with TooManyAttempts while one of the counters is blocked; then nothing is counted, so that somebody who
    keeps asking is not kept out for longer than somebody who waits.
    """
    async with services.database.begin(*rows_of(counters)) as session:
        locked = await lock(session, services, counters)
        locked.require_free()
        locked.count(counters)


def rows_of(counters: list[Counted]) -> list[Row]:
    """The rows at which a transaction that counts on *counters* waits its turn, in the order of their locks."""
    return [counter.row for counter in counters]


@dataclass(frozen=True, slots=True)
class Locked:
    """Counters of one transaction, locked: nobody else counts on them until it ends."""

    services: Services
    rows: dict[Counted, models.AttemptCounter]
    now: datetime

    def seconds_blocked(self, *kinds: str) -> int:
        """How long those of *kinds* (all when none is named) are blocked; 0 when they are not."""
        waits = [
            row.blocked_until - self.now
            for counter, row in self.rows.items()
            if row.blocked_until and row.blocked_until > self.now and (not kinds or counter.kind in kinds)
        ]
        return -(-max(waits) // timedelta(seconds=1)) if waits else 0

    def require_free(self, *kinds: str) -> None:
        """Refuses with TooManyAttempts."""
        if seconds := self.seconds_blocked(*kinds):
            raise TooManyAttempts(retry_after_seconds=seconds)

    def count(self, counters: list[Counted]) -> None:
        """Charge one attempt to *counters*."""
        for counter in counters:
            _count(self.services, counter, self.rows[counter], now=self.now)


async def lock(session: AsyncSession, services: Services, counters: list[Counted]) -> Locked:
    now = services.clock.now()
    rows = {
        counter: await crud.attempts.lock_counter(session, counter.kind, counter.key, now=now) for counter in counters
    }
    return Locked(services, rows, now)


async def forgive(session: AsyncSession, counters: list[Counted]) -> None:
    """The attempt was good."""
    for counter in counters:
        if counter.kind in STARTS_AFRESH:
            await crud.attempts.delete_counter(session, counter.kind, counter.key)
        else:
            await crud.attempts.take_back(session, counter.kind, counter.key)


async def forget(session: AsyncSession, counters: list[Counted]) -> None:
    """Whoever was slowed down proved to be the owner in another way."""
    for counter in counters:
        await crud.attempts.delete_counter(session, counter.kind, counter.key)


async def forget_old_attempts(services: Services) -> None:
    """The job: drop counters that no longer slow anybody down."""
    longest = services.settings.attempts_window_seconds + services.settings.attempts_delay_seconds_max
    async with services.database.begin() as session:
        await crud.attempts.delete_counters_before(session, _ago(services.clock, longest))


def _count(services: Services, counter: Counted, row: models.AttemptCounter, *, now: datetime) -> None:
    settings = services.settings
    if row.last_tried_at + timedelta(seconds=settings.attempts_window_seconds) <= now:
        row.failures = 0
    row.failures += 1
    row.last_tried_at = now
    row.blocked_until = None
    if (excess := row.failures - counter.free) >= 0:
        # The exponent is bounded before it is used: a counter may grow for as long as somebody likes.
        wait = settings.attempts_delay_seconds * 2 ** min(excess, 20)
        row.blocked_until = now + timedelta(seconds=min(wait, settings.attempts_delay_seconds_max))


def _ago(clock: Clock, seconds: int) -> datetime:
    return clock.now() - timedelta(seconds=seconds)
