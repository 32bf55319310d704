"""
The seven subgraphs, made and run. Names here are enough to find a domain: its folder is called like it.

Starting goes in two steps for all of them together: first every queue is declared, then relays start; or an event
could be published before the queue of its listener exists.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from subgraphs.shared.identity import Identity, KeySet, TokenVerifier, fetch_key_set
from subgraphs.shared.jobs import JobRunner
from subgraphs.shared.messaging.catalogue import passing_types
from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.health import EventsHealth, health_of
from subgraphs.shared.messaging.outages import backoff_s
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.transport import Binding, QueuesRefused, Transport, TransportUnavailable
from subgraphs.shared.open_clock import open_clock
from subgraphs.shared.people import People, PeopleOverHTTP, Person
from subgraphs.shared.settings import EventSettings, IdentitySettings, PeopleSettings
from subgraphs.shared.standing.ask_accounts import introspect_at
from subgraphs.shared.standing.standing import AskAccounts
from subgraphs.shared.subgraph import GraphQLRequest, Subgraph
from subgraphs.shared.tasks import end

if TYPE_CHECKING:
    from subgraphs.notifications.ports.owners import Owners

log = structlog.get_logger()

START_SECONDS = 3.0
"""How long a start waits for the broker before it goes on without. One that refuses is not waited for."""

KeySource = Callable[[], Awaitable[KeySet]]


def make_subgraph(
    name: str,
    *,
    key_source: KeySource | None = None,
    ask_accounts: AskAccounts | None = None,
    people: People | None = None,
    owners: "Owners | None" = None,
) -> Subgraph:
    """
    The subgraph of domain *name*, configured by the environment.

    Tokens are verified with keys from *key_source*, or over HTTP from `JWKS_URL`; whether one is still good is asked of
    *ask_accounts*, or over HTTP at `INTROSPECTION_URL`; who somebody is, of *people*, or over HTTP at `PEOPLE_URL`;
    what an id is of, notifications ask of *owners*, or over HTTP at `NOTIFICATIONS_SUBGRAPH_URLS`.
    Raises pydantic's ValidationError when a setting is missing or wrong, SandboxNotAskedFor and WrongClockFile.
    """
    settings_type = getattr(import_module(f"subgraphs.{name}.core.settings"), f"{name.capitalize()}Settings")
    create: Callable[..., Subgraph] = import_module(f"subgraphs.{name}.main").create_subgraph
    identity = IdentitySettings()
    verifier = TokenVerifier(
        issuer=identity.token_issuer,
        audience=identity.token_audience,
        key_source=key_source or (lambda: fetch_key_set(identity.jwks_url)),
    )
    settings, clock = settings_type(), open_clock()
    asks: dict[str, People | Owners] = {}
    if isinstance(settings, PeopleSettings):
        secret = settings.people_secret.get_secret_value()
        over_http = PeopleOverHTTP(settings.people_url, service=name, secret=secret, clock=clock)
        asks["people"] = people or over_http
    if owners is not None:
        asks["owners"] = owners
    subgraph = create(settings, verifier=verifier, clock=clock, **asks)
    subgraph.standing.feed_seconds_max = identity.standing_seconds_max
    if subgraph.standing.ask_accounts is None:  # accounts asks its own books
        subgraph.standing.ask_accounts = ask_accounts or introspect_at(identity.introspection_url)
    return subgraph


def make_all_subgraphs(names: tuple[str, ...]) -> dict[str, Subgraph]:
    """All subgraphs of one process; accounts gives the others its keys and its word without HTTP."""
    subgraphs: dict[str, Subgraph] = {}

    async def keys_of_accounts() -> KeySet:
        keys: KeySet = await subgraphs["accounts"].services.key_source()
        return keys

    async def ask_accounts(identity: Identity) -> bool:
        accounts = subgraphs["accounts"]
        assert accounts.standing.ask_accounts is not None  # noqa: S101  # its own books
        return await accounts.standing.ask_accounts(identity)

    for name in names:
        people = _PeopleOfOneProcess(subgraphs, name)
        subgraphs[name] = make_subgraph(
            name,
            key_source=keys_of_accounts,
            ask_accounts=ask_accounts,
            people=people,
            owners=_OwnersOfOneProcess(subgraphs) if name == "notifications" else None,
        )
    return subgraphs


class _PeopleOfOneProcess:
    """`People` for *service* where accounts runs beside it: told what it would be told over HTTP, and no more."""

    def __init__(self, subgraphs: Mapping[str, Subgraph], service: str) -> None:
        self._subgraphs = subgraphs
        self._service = service
        # Not above: a subgraph that is a process of its own would load accounts beside itself.
        self._disclosures = import_module("subgraphs.accounts.domain.disclosures")

    async def find(self, user_ids: Collection[UUID]) -> Mapping[UUID, Person]:
        people: Mapping[UUID, Person] = await self._disclosures.tell(
            self._subgraphs["accounts"].services, self._service, user_ids
        )
        return people


class _OwnersOfOneProcess:
    """`Owners` where all domains run side by side: asked by the function that answers HTTP as well."""

    def __init__(self, subgraphs: Mapping[str, Subgraph]) -> None:
        self._subgraphs = subgraphs

    async def ask(self, domain: str, request: GraphQLRequest) -> dict[str, Any]:
        return await self._subgraphs[domain].execute(request)


class Running:
    """
    Subgraphs at work: their relays, consumers and jobs. Stops in the reverse order of starting.

    *bindings* are the queues of the whole deployment, which every process makes sure of: whoever publishes must know
    who is to hear it, and a fact must not pass a listener that starts later.
    """

    def __init__(self, subgraphs: Mapping[str, Subgraph], transport: Transport, bindings: Sequence[Binding]) -> None:
        self._subgraphs = subgraphs
        self._transport = transport
        self._bindings = bindings
        self._stack = AsyncExitStack()
        self._later: asyncio.Task[None] | None = None
        self._has_events = False

    async def start(self) -> None:
        """Start everything; without a broker everything but events, which begin as soon as it is there."""
        kept_days = EventSettings().outbox_kept_days
        parts: list[Relay | Consumer] = []
        for name, subgraph in self._subgraphs.items():
            self._stack.push_async_callback(subgraph.close)
            relay = Relay(
                name,
                subgraph.database,
                self._transport,
                sent_kept_days=kept_days,
                passing_types=passing_types(name),
            )
            consumer = Consumer(subgraph.reactions, subgraph.database, self._transport, services=subgraph.services)
            subgraph.events_health = partial(self._events_health, relay, consumer)
            subgraph.dead_letters = self._transport.dead_letters
            parts += [consumer, relay]
            for part in (subgraph.standing, JobRunner([*subgraph.jobs, *subgraph.standing.jobs()], subgraph.clock)):
                await part.start()
                self._stack.push_async_callback(part.stop)
        self._stack.push_async_callback(self._transport.stop)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._start_events(parts)
        except (TransportUnavailable, TimeoutError) as error:
            log.warning("started without the broker; facts are told when it is there", error=str(error))
            self._later = asyncio.create_task(self._keep_starting_events(parts), name="waits for the broker")

    async def _events_health(self, relay: Relay, consumer: Consumer) -> EventsHealth:
        return await health_of(relay, consumer, self._transport, started=self._has_events)

    async def _keep_starting_events(self, parts: list[Relay | Consumer]) -> None:
        failures = 0
        while not self._has_events:
            try:
                await self._start_events(parts)
            except TransportUnavailable:  # which the transport has told
                failures += 1
                await asyncio.sleep(backoff_s(failures, longest_s=5.0))

    async def _start_events(self, parts: list[Relay | Consumer]) -> None:
        await self._transport.start()
        try:
            await self._transport.declare(self._bindings)
        except QueuesRefused as error:
            log.warning("some queues cannot be had; what they are to take waits", queues=error.refused)
        while parts:  # a second attempt goes on where the first one ended
            await parts[0].start()
            self._stack.push_async_callback(parts.pop(0).stop)
        self._has_events = True

    async def stop(self) -> None:
        if self._later is not None:
            await end(self._later)
        await self._stack.aclose()


def transport_from_environment(environment: Mapping[str, str] = os.environ) -> Transport:
    """
    RabbitMQ where `RABBITMQ_URL` names one, else the embedded transport on `BROKER_DATABASE_URL`.

    `RABBITMQ_NAMESPACE` keeps several products apart on one broker.
    """
    # Each has libraries and queues of its own, and a process uses one.
    if url := environment.get("RABBITMQ_URL"):
        from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport  # noqa: PLC0415

        return RabbitMQTransport(url, namespace=environment.get("RABBITMQ_NAMESPACE", "peerseed"))
    from subgraphs.shared.messaging.embedded import EmbeddedTransport  # noqa: PLC0415

    return EmbeddedTransport(environment["BROKER_DATABASE_URL"])
