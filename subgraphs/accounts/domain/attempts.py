"""
Slowing down who tries too often, per account and per network address.

Counts live in the database, so that a restart forgives nothing and several processes count together. An attempt is
counted *before* it is known to fail: a hundred guesses sent at once are a hundred attempts, not one look at a
counter that still says zero. Success takes the count back.

    failures      fewer than free      free      free + 1    …
    then wait            0             delay     2 × delay   …  up to the longest delay
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts import crud, models
from subgraphs.accounts.core.services import AccountsServices
from subgraphs.accounts.domain.refusals import TooManyAttempts
from subgraphs.shared.clock import Clock

ACCOUNT = "account"
"""Guessing one account's password, code, or present password."""
ADDRESS = "address"
"""Guessing from one address, whichever accounts."""
MESSAGES = "messages"
"""Having messages sent to one e-mail address."""
MESSAGES_ADDRESS = "messages_address"
"""Having messages sent, from one address."""

IPV6_PREFIX = 64
"""One subscriber has this whole network, and could otherwise come from a new address each time."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One counter that an attempt is charged to."""

    kind: str
    key: bytes
    free: int


def counted_for(
    services: AccountsServices, *, email: str | None = None, address: str | None = None, messages: bool = False
) -> list[Counted]:
    """The counters of an attempt on *email*'s account from *address*, always in the same order."""
    settings, counters = services.settings, []
    if email is not None:
        free = settings.messages_free if messages else settings.attempts_free
        key = services.vault.fingerprint(email, use="attempt")
        counters.append(Counted(MESSAGES if messages else ACCOUNT, key, free))
    if (network := network_of(address)) is not None:
        key = services.vault.fingerprint(network, use="attempt")
        counters.append(Counted(MESSAGES_ADDRESS if messages else ADDRESS, key, settings.attempts_free_per_address))
    return counters


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


async def spend_attempt(services: AccountsServices, counters: list[Counted]) -> None:
    """
    Count one attempt, whatever becomes of it.

    Refuses with TooManyAttempts while one of the counters is blocked; then nothing is counted, so that somebody who
    keeps asking is not kept out for longer than somebody who waits.
    """
    now = services.clock.now()
    async with services.database.begin() as session:
        rows = [
            (counter, await crud.attempts.lock_counter(session, counter.kind, counter.key, now=now))
            for counter in counters
        ]
        blocked = [row.blocked_until - now for _, row in rows if row.blocked_until and row.blocked_until > now]
        if not blocked:
            for counter, row in rows:
                _count(services, counter, row, now)
    if blocked:
        raise TooManyAttempts(retry_after_seconds=-(-max(blocked) // timedelta(seconds=1)))


async def forgive(session: AsyncSession, counters: list[Counted]) -> None:
    """The attempt was good: the account starts afresh, the address gets this one back."""
    for counter in counters:
        if counter.kind == ACCOUNT:
            await crud.attempts.delete_counter(session, counter.kind, counter.key)
        else:
            await crud.attempts.take_back(session, counter.kind, counter.key)


async def forget_old_attempts(services: AccountsServices) -> None:
    """The job: drop counters that no longer slow anybody down."""
    longest = services.settings.attempts_window_seconds + services.settings.attempts_delay_seconds_max
    async with services.database.begin() as session:
        await crud.attempts.delete_counters_before(session, _ago(services.clock, longest))


def _count(services: AccountsServices, counter: Counted, row: models.AttemptCounter, now: datetime) -> None:
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
