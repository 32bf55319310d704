"""A notifications subgraph over a fresh database, and events handed to its reactions as a broker would."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest_asyncio
from pydantic import SecretStr

from subgraphs.notifications.core.settings import NotificationsSettings
from subgraphs.notifications.domain.vocabulary import Channel
from subgraphs.notifications.main import create_subgraph
from subgraphs.notifications.ports.sandbox_carrier import SandboxCarrier
from subgraphs.shared.clock import FixedClock
from subgraphs.shared.messaging.event import Event, EventPayload
from subgraphs.shared.messaging.inbox import AlreadyHandled
from subgraphs.shared.messaging.reactions import Delivery
from subgraphs.shared.people import Person
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from tests.builders.deliveries import in_order
from tests.fixtures.databases import MakeDatabase
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer

SERGIO = UUID("00000000-0000-7000-8000-000000000001")
MARINA = UUID("00000000-0000-7000-8000-000000000002")

REGISTER = """mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) {
  __typename ... on PushDevice { id platform language registeredAt } ... on InvalidInput { field } } }"""

PEOPLE_SECRET = "nobody-else-knows-this"


@dataclass
class Inboxes:
    """The subgraph under test, with a person's view of it."""

    subgraph: Subgraph
    clock: FixedClock
    email: SandboxCarrier
    push: SandboxCarrier
    sms: SandboxCarrier
    tokens: TokenIssuer
    people: KnownPeople
    events: list[Event] = field(default_factory=list)

    async def arrives(self, payload: EventPayload, *, again: Event | None = None) -> Event:
        """A fact arrives at every reaction bound to it, once more if *again*."""
        event = again or replace(in_order(payload)[0], time=self.clock.now())
        for reaction in self.subgraph.reactions:
            if payload.type in reaction.payload_classes:
                read = reaction.payload_classes[payload.type].model_validate(payload.model_dump())
                delivery = Delivery(event, read, 1, reaction.queue, _database=self.subgraph.database)
                try:
                    await reaction.handle(delivery)
                except AlreadyHandled:
                    assert again is not None, "a first delivery must not be taken for a repeated one"
        return event

    async def ask(self, query: str, person: UUID | None, **variables: Any) -> Any:
        headers = self.tokens.bearer(person) if person else {}
        return await self.subgraph.execute(GraphQLRequest(query, variables, headers=headers))

    async def register(self, person: UUID, token: str, **more: Any) -> dict[str, Any]:
        """A device of *person*, by its push provider's *token*."""
        device = {"token": token, "platform": "ANDROID", **more}
        answer = await self.ask(REGISTER, person, input=device)
        registered: dict[str, Any] = answer["data"]["registerDevice"]
        return registered

    async def run_job(self) -> None:
        (job,) = self.subgraph.jobs
        await job.run()


MakeInboxes = Callable[[], Awaitable[Inboxes]]


@pytest_asyncio.fixture
async def inboxes(make_database: MakeDatabase, tokens: TokenIssuer) -> AsyncIterator[Inboxes]:
    database = await make_database("notifications")
    clock, email, push, sms = FixedClock(), SandboxCarrier(), SandboxCarrier(), SandboxCarrier()
    people = KnownPeople({MARINA: Person(email="marina@example.com")})
    subgraph = create_subgraph(
        NotificationsSettings(database_url=SecretStr(database.url), people_secret=SecretStr(PEOPLE_SECRET)),
        verifier=tokens.verifier,
        people=people,
        clock=clock,
        carriers={Channel.EMAIL: email, Channel.PUSH: push, Channel.SMS: sms},
    )
    made = Inboxes(subgraph, clock, email, push, sms, tokens, people)
    await made.register(MARINA, str(MARINA))
    yield made
    await subgraph.close()
