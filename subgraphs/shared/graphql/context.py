"""What a resolver knows about its request."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic
from uuid import UUID

import strawberry
from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import TypeVar

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.graphql.door import Door
from subgraphs.shared.graphql.loader import Loader
from subgraphs.shared.identity import ANONYMOUS, SIGN_IN_FIRST, Identity
from subgraphs.shared.messaging.transport import DeadLetters
from subgraphs.shared.reading import ReadSession
from subgraphs.shared.scopes import OWN_SIGHTS, SIGHTS, STAFF, Sight
from subgraphs.shared.staff_looks import Look
from subgraphs.shared.together import Together
from subgraphs.shared.turns import Row

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
A = TypeVar("A")
R = TypeVar("R")
S = TypeVar("S", default=Any)
"""What a domain's `core/services.py` declares. Code for all domains, which asks for none of them, leaves it out."""


class Unauthenticated(GraphQLError):
    """The request needs a token and has none."""

    def __init__(self) -> None:
        super().__init__(SIGN_IN_FIRST, extensions={"code": "UNAUTHENTICATED"})


class Forbidden(GraphQLError):
    """The token is good, but not for this."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(
            f"This needs a token with the scope {' or '.join(scopes)}.",
            extensions={"code": "FORBIDDEN"},
        )


class OneselfOnly(GraphQLError):
    """The token is a company's, and this is about the person who acts for it."""

    def __init__(self) -> None:
        super().__init__(
            "This is about yourself: use your own token, not the one with which you act for a company.",
            extensions={"code": "FORBIDDEN"},
        )


@dataclass
class Context(Generic[S]):
    """One request: who asks, the domain's database, the time, and the loaders that batch its look-ups."""

    identity: Identity
    database: Database
    clock: Clock
    require_current: Callable[[], Awaitable[None]]
    """Makes sure that the asker's account and session are still good, by facts that are fresh or by asking."""
    services: S = None  # type: ignore[assignment]  # a domain without any is given none
    """The domain's own services (ports, settings), as its `main.py` made them."""
    dead_letters: DeadLetters | None = None
    """Of all services, where the process has a broker to ask."""
    door: Door = field(default_factory=Door)
    remote_address: str | None = None
    user_agent: str | None = None
    correlation_id: str = ""
    representations_max: int = 1_000
    """How many entities one `_entities` call may ask for."""
    entity_scopes: tuple[str, ...] = ()
    """Any one of them opens this domain's entities; any token does where none is named."""
    is_admitted: bool = False
    """Whether the door has looked at what this request costs."""
    last_event_id: str | None = None
    """Of a subscription: the last event that the asker has had, where it is asked again to go on behind that."""
    event_id: str | None = None
    """And what the event that is told now is called, if its resolver gives it a name to go on from."""
    looks: set[Look] = field(default_factory=set)
    """Of staff, at others' data, in this request."""
    _loaders: dict[Hashable, Loader[Any, Any]] = field(default_factory=dict)

    def begin(self, *rows: Row) -> AbstractAsyncContextManager[AsyncSession]:
        """
        The business transaction of one mutation field.

        It waits its turn at *rows* before it has a connection; and at the asker's own, before those: what one person
        sends at once would otherwise take every connection to wait for that person's rows.
        """
        return self.database.begin(*self._own_row, *rows)

    async def ask_together(self, asking: Together[A, R], row: Row, asked: A) -> R:
        """
        What `begin(row)` and a verb would give, in one transaction with others who wait for *row* by then.

        Of each person one request at a time is among them.
        """
        async with self.database.turns.of(*self._own_row):
            return await asking.ask(row, asked)

    @property
    def _own_row(self) -> tuple[Row, ...]:
        return () if self.is_anonymous else (Row("person", self.identity.user_id),)

    def read(self) -> ReadSession:
        """A read session of one's own; concurrent resolvers must not share one."""
        return self.database.read()

    @property
    def is_anonymous(self) -> bool:
        return self.identity is ANONYMOUS

    @property
    def is_staff(self) -> bool:
        return self.identity.may(*STAFF)

    def may_see(self, owner_id: UUID, sight: Sight) -> bool:
        """
        Whether the asker sees what belongs to *owner_id*: the owner, or staff who need it (`scopes.SIGHTS`).

        That staff look is noted here, and written down before the answer is given.
        """
        seen = self.identity.sees(owner_id, sight)
        if seen and owner_id != self.identity.user_id:
            self.looks.add((owner_id, sight))
        return seen

    def shows(self, owner_id: UUID, sight: Sight) -> bool:
        """`may_see`, for what is asked of a person. Raises Forbidden to whoever's own token is not for it."""
        return self.may_see(owner_id, sight) or self.shows_own(owner_id, sight)

    def shows_own(self, owner_id: UUID, sight: Sight) -> bool:
        """Whether *owner_id* is who asks. Raises Forbidden when it is, and the token is not for it."""
        is_own = owner_id == self.identity.user_id
        if is_own:
            self.require(*OWN_SIGHTS[sight])
        return is_own

    def sees_all(self, sight: Sight) -> bool:
        """Whether the asker is of the staff who see everybody's; whoever shows them something notes whose it is."""
        return self.identity.may(*SIGHTS[sight])

    def require(self, *scopes: str) -> Identity:
        """The identity, if it has one of *scopes* (any signed-in person when none is named)."""
        if self.is_anonymous:
            raise Unauthenticated
        if scopes and not self.identity.may(*scopes):
            raise Forbidden(scopes)
        return self.identity

    def require_oneself(self) -> None:
        """Refuse whoever acts for somebody else."""
        if self.identity.actor_id is not None:
            raise OneselfOnly

    def loader(self, load: "Callable[[Context[S], list[K]], Awaitable[Sequence[V]]]") -> Loader[K, V]:
        """
        This request's batching loader for *load*, which takes the context and the keys of one batch.

        Made on first use; the function itself is the name, so every resolver that asks gets the same one.
        """
        loader = self._loaders.get(load)
        if loader is None:
            loader = self._loaders[load] = Loader(partial(load, self))
        return loader

    def forget_loaded(self) -> None:
        """Load anew from here on: the next event of a subscription must not show what an earlier one saw."""
        self._loaders.clear()


Info = strawberry.Info[Context, None]
"""The `info` argument of a resolver; a domain whose resolvers use its services has one of its own."""
