"""
The product's endpoint as people use it whose network and whose provider fail: they insist.

A request that got no answer, or an error, is sent again with the same key until there is an answer, which may be a
refusal. What they were answered they rely on (`journal.py`).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from launch.home import Addresses
from launch.people import DEMO_PASSWORD
from story.client import Client, StoryFailed
from story.people import Person, sign_in
from tests.chaos.journal import Journal

T = TypeVar("T")

PATIENCE_SECONDS = 240.0
"""How long somebody insists; much longer than the product may be away in a scene."""
AGAIN_SECONDS = 0.3

FINAL = frozenset(
    {"BAD_USER_INPUT", "FORBIDDEN", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "HTTP 400", "HTTP 409"}
)
"""Errors that no repetition mends: what was asked is wrong, not how it went."""
NO_ANSWER = frozenset({"Busy", "PaymentGatewayUnavailable"})
"""Refusals that decide nothing: the same request may be sent again."""


@dataclass
class Player(Person):
    """Somebody who takes part."""

    part: str = ""
    """As the plan names them: `investor 1`."""
    tokens: set[str] = field(default_factory=set)
    """All they ever had."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What they remember from earlier scenes."""


class InsistentClient(Client):
    """Asks until there is an answer; *where* says at which of the routers, each time anew."""

    def __init__(self, where: Callable[[], Addresses], journal: Journal) -> None:
        super().__init__(where(), wait_seconds=PATIENCE_SECONDS)
        self._where = where
        self._journal = journal
        self._players: list[Player] = []
        self._on_request: list[tuple[int, asyncio.Event]] = []
        self.request_count = 0

    def know(self, player: Player) -> None:
        """Sign *player* in again whenever their session has ended."""
        self._players.append(player)

    def after(self, count: int) -> asyncio.Event:
        """Set once so many more requests have been sent."""
        reached = asyncio.Event()
        self._on_request.append((self.request_count + count, reached))
        return reached

    async def graphql(self, document: str, variables: dict[str, Any] | None = None, *, token: str | None = None) -> Any:
        """The `data` of the answer, as soon as there is one. Raises StoryFailed for what is wrong in itself."""

        async def ask() -> Any:
            player = self._player_with(token)
            try:
                return await super_graphql(document, variables, token=player.token if player else token)
            except StoryFailed as failure:
                if player and "UNAUTHENTICATED" in failure.codes:
                    await self.sign_in(player)
                raise

        super_graphql = super().graphql
        return await self._insist(ask)

    async def get(self, url: str, **query: str) -> Any:
        ask = super().get
        return await self._insist(lambda: ask(url, **query))

    async def post(self, url: str, body: Any, *, token: str | None = None) -> Any:
        ask = super().post
        return await self._insist(lambda: ask(url, body, token=token))

    async def upload(self, url: str, content: bytes, media_type: str, *, token: str, **fields: str) -> Any:
        ask = super().upload
        return await self._insist(lambda: ask(url, content, media_type, token=token, **fields))

    async def mutate(self, player: Player, document: str, form: dict[str, Any], *, times: int = 1) -> dict[str, Any]:
        """
        The answer to a mutation that is sent *times* times at the same moment; it is in the journal as well.

        The document asks for `__typename`, for `id` of what is to come, and for `code` of a Refusal.
        """
        answers = await asyncio.gather(*(self._answer(player, document, form) for _ in range(times)))
        self._journal.note(document.split("{", maxsplit=1)[1].split("(", maxsplit=1)[0].strip(), answers)
        return answers[0]

    async def _answer(self, player: Player, document: str, form: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            (answer,) = (await self.graphql(document, {"input": form}, token=player.token)).values()
            if answer["__typename"] == "FreshProofRequired":
                await self.sign_in(player)
            elif answer["__typename"] not in NO_ANSWER:
                return answer
            if time.monotonic() > deadline:
                raise StoryFailed(f"{player.part} was put off for too long: {answer}")
            await asyncio.sleep(AGAIN_SECONDS)

    async def sign_in(self, player: Player) -> None:
        """A new session, which proves freshly who *player* is."""
        await sign_in(self, player)
        player.tokens.add(player.token)

    def _player_with(self, token: str | None) -> Player | None:
        return next((player for player in self._players if token is not None and token in player.tokens), None)

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self._count()
            self.addresses = self._where()
            try:
                return await ask()
            except StoryFailed as failure:
                if failure.codes & FINAL or time.monotonic() > deadline:
                    raise
            except (aiohttp.ClientError, TimeoutError):
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(AGAIN_SECONDS)

    def _count(self) -> None:
        self.request_count += 1
        for mark, reached in self._on_request:
            if self.request_count >= mark:
                reached.set()


def staff_player(part: str, name: str, email: str) -> Player:
    """One of the demo's staff."""
    return Player(name, email, part=part, password=DEMO_PASSWORD)
