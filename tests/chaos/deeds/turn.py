"""A deed as it is done: who, what of the plan, and the one way to ask the product for something."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.chaos.endpoint import InsistentClient, Player
from tests.chaos.plan import Deed


@dataclass
class World:
    """The product as people see it, and the people."""

    client: InsistentClient
    seed: int
    time_may_pass: bool
    """Whether the product's clock is moved."""
    cast: dict[str, Player]
    """Who takes part, by the plan's names."""
    analyst: Player
    admin: Player
    approver: Player
    """Another administrator."""


@dataclass
class Turn:
    """One deed of the plan."""

    world: World
    player: Player
    deed: Deed
    key: str
    """Of the plan's place, so the same in a replay. Deeds with several mutations add to it."""

    @property
    def client(self) -> InsistentClient:
        return self.world.client

    def term(self, name: str) -> Any:
        return self.deed.terms.get(name)

    async def mutate(self, document: str, *, more: str = "", **form: Any) -> dict[str, Any]:
        """Ask under the deed's key (and *more*), as often as the plan says; the answer may be a refusal."""
        keyed = {**form, "idempotencyKey": f"{self.key}{more}"}
        return await self.client.mutate(self.player, document, keyed, times=self.deed.times)

    async def ask(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        return await self.client.graphql(document, variables, token=self.player.token)


Do = Callable[[Turn], Awaitable[None]]
DEEDS: dict[str, Do] = {}
"""By the plan's names."""


def deed(what: str) -> Callable[[Do], Do]:
    """Register what people do under the plan's name for it."""

    def register(do: Do) -> Do:
        DEEDS[what] = do
        return do

    return register
