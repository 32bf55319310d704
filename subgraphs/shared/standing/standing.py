"""
One process's memory of who may no longer do what their token says.

It is asked by every request, so it asks no database. It is kept by notices of the database, and read anew whenever
listening has begun. What it does not know, because accounts' facts do not arrive, it does not pretend to know: where
money leaves, `require_current` then asks accounts, and refuses when accounts does not answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from graphql import GraphQLError

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.identity import Identity, Objection
from subgraphs.shared.jobs import Job
from subgraphs.shared.listener import Listener
from subgraphs.shared.standing import crud
from subgraphs.shared.standing.tables import CHANNEL, PersonStatus
from subgraphs.shared.tasks import end

log = structlog.get_logger()

FEED_SECONDS_MAX = 30.0
"""Older than this, the facts may be missing some. Several heartbeats long, so that one put off asks nobody."""
ASKING_SECONDS_MAX = 2.0
"""For accounts to say whether a token is still good; somebody waits for it with a finger on a button."""
REREAD_SECONDS = 2.0
"""After reading the tables failed."""
TOKENS_OUTLIVED = timedelta(days=1)
"""No token is good for so long, so that who left before has none left."""

SUSPENDED = Objection("The account is suspended; write to the support.", "ACCOUNT_SUSPENDED")
CLOSED = Objection("The account is closed.", "ACCOUNT_CLOSED")
SESSION_ENDED = Objection("The session has ended; sign in again.", "SESSION_ENDED")
KEY_WITHDRAWN = Objection("The token's signing key has been withdrawn; sign in again.", "KEY_WITHDRAWN")

_OF_STATUS = {PersonStatus.SUSPENDED: SUSPENDED, PersonStatus.CLOSED: CLOSED}

AskAccounts = Callable[[Identity], Awaitable[bool]]
"""Whether the token of an identity is still good, by accounts' own books. Raises when that cannot be learned."""


class StandingUnknown(GraphQLError):
    """Money would leave, and nobody can say at the moment whether it still may."""

    def __init__(self) -> None:
        super().__init__(
            "It cannot be made sure at the moment that this may be done; try again shortly.",
            extensions={"code": "STANDING_UNKNOWN"},
        )


class NoLongerMay(GraphQLError):
    """Found out while a request was under way."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.message, extensions={"code": "UNAUTHENTICATED", "reason": objection.reason})


@dataclass(eq=False)
class Standing:
    """What one process of a domain knows; made once for it, and running while it runs."""

    database: Database
    clock: Clock
    ask_accounts: AskAccounts | None = None
    """Where the facts are older than *feed_seconds_max*."""
    feed_seconds_max: float = FEED_SECONDS_MAX
    on_change: list[Callable[[], None]] = field(default_factory=list)
    """Called when somebody may do less than before."""

    on_key_withdrawn: list[Callable[[], None]] = field(default_factory=list)

    _people: dict[UUID, tuple[int, PersonStatus]] = field(default_factory=dict, init=False, repr=False)
    """Version and status of those about whom something was decided."""
    _sessions: dict[str, datetime] = field(default_factory=dict, init=False, repr=False)
    """Ended ones, and when they may be forgotten."""
    _keys: set[str] = field(default_factory=set, init=False, repr=False)
    _told_at: datetime | None = field(default=None, init=False, repr=False)
    _listener: Listener | None = field(default=None, init=False, repr=False)
    _reading: asyncio.Task[None] | None = field(default=None, init=False, repr=False)

    def objection_to(self, identity: Identity) -> Objection | None:
        """Why *identity* may do nothing any more; None when nothing is known against it."""
        if identity.key_id in self._keys:
            return KEY_WITHDRAWN
        for person_id in (identity.user_id, identity.actor_id):
            if person_id and (known := self._people.get(person_id)) is not None and known[1] in _OF_STATUS:
                return _OF_STATUS[known[1]]
        return SESSION_ENDED if identity.session_id in self._sessions else None

    def is_withdrawn(self, key_id: str) -> bool:
        """Whether a signing key must not be believed any more."""
        return key_id in self._keys

    async def require_current(self, identity: Identity) -> None:
        """
        Make sure that *identity* may still act, for what cannot be taken back.

        Costs nothing while the facts are fresh. Raises NoLongerMay, and StandingUnknown when nobody can say.
        """
        if (objection := self.objection_to(identity)) is not None:
            raise NoLongerMay(objection)
        if self.is_fresh():
            return
        if self.ask_accounts is None:
            raise StandingUnknown
        try:
            async with asyncio.timeout(ASKING_SECONDS_MAX):
                is_good = await self.ask_accounts(identity)
        except Exception as error:
            log.warning("accounts does not say who is in good standing", error=f"{type(error).__name__}: {error}")
            raise StandingUnknown from error
        if not is_good:
            raise NoLongerMay(SESSION_ENDED)

    def is_fresh(self) -> bool:
        """Whether accounts' facts arrive, all of them."""
        if self._told_at is None:
            return False
        return self.clock.unmoved() - self._told_at <= timedelta(seconds=self.feed_seconds_max)

    async def start(self) -> None:
        """Read what is known, and listen to what changes."""
        self._listener = Listener(
            self.database.url, CHANNEL, on_notice=self._take_notice, on_listening=self._read_in_background
        )
        self._listener.start()
        # Whoever is refused should be from the first request on. A database that is away answers no request either.
        with suppress(Exception):
            await self.read()

    async def stop(self) -> None:
        if self._listener is not None:
            await self._listener.stop()
        if self._reading is not None:
            await end(self._reading)

    def jobs(self) -> list[Job]:
        return [Job("forget ended sessions", 3_600.0, self.forget)]

    async def forget(self) -> None:
        """Let go of the sessions whose last token has expired."""
        now = self.clock.unmoved()
        async with self.database.begin() as session:
            await crud.delete_ended_sessions(session, now=now)
        self._sessions = {session_id: at for session_id, at in self._sessions.items() if at > now}

    async def read(self) -> None:
        """Add what the tables say. Notices that come meanwhile may be newer, so nothing is taken back by this."""
        now = self.clock.unmoved()
        async with self.database.read() as session:
            # First, so that it promises nothing that the others are too old to keep.
            told_at = await crud.find_told_at(session)
            people = await crud.list_people(session, closed_since=now - TOKENS_OUTLIVED)
            sessions = await crud.list_ended_sessions(session, now=now)
            keys = await crud.list_withdrawn_keys(session)
        for person in people:
            self._keep_person(person.user_id, person.version, person.status)
        for ended in sessions:
            self._sessions[str(ended.session_id)] = ended.forget_at
        self._keep_keys(*keys)
        if told_at is not None:
            self._keep_feed(told_at)
        self._tell()

    def _read_in_background(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_until_done(), name="reads who is in good standing")

    async def _read_until_done(self) -> None:
        while True:
            try:
                await self.read()
            except Exception as error:  # noqa: BLE001  # without it, what was missed would stay unknown
                log.warning("who is in good standing cannot be read; it is tried again", error=str(error))
                await asyncio.sleep(REREAD_SECONDS)
            else:
                return

    def _take_notice(self, payload: str) -> None:
        notice = orjson.loads(payload)
        row: dict[str, Any] = notice["row"]
        match notice["table"]:
            case "standing_people":
                self._keep_person(UUID(row["user_id"]), row["version"], PersonStatus(row["status"]))
            case "standing_ended_sessions":
                self._sessions[row["session_id"]] = datetime.fromisoformat(row["forget_at"])
            case "standing_withdrawn_keys":
                self._keep_keys(row["key_id"])
            case "standing_feed":
                self._keep_feed(datetime.fromisoformat(row["told_at"]))
                return
        self._tell()

    def _keep_person(self, user_id: UUID, version: int, status: PersonStatus) -> None:
        known = self._people.get(user_id)
        if known is None or known[0] <= version:
            self._people[user_id] = (version, status)

    def _keep_keys(self, *key_ids: str) -> None:
        if not self._keys.issuperset(key_ids):
            self._keys.update(key_ids)
            for callback in self.on_key_withdrawn:
                callback()

    def _keep_feed(self, told_at: datetime) -> None:
        if self._told_at is None or self._told_at < told_at:
            self._told_at = told_at

    def _tell(self) -> None:
        for callback in self.on_change:
            callback()
