"""
The seven subgraphs, made and run. Names here are enough to find a domain: its folder is called like it.

Starting goes in two steps for all of them together: first every queue is declared, then relays start; or an event
could be published before the queue of its listener exists.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from importlib import import_module

from subgraphs.shared.identity import Identity, KeySet, TokenVerifier, fetch_key_set
from subgraphs.shared.jobs import JobRunner
from subgraphs.shared.messaging.consumer import Consumer
from subgraphs.shared.messaging.embedded import EmbeddedTransport
from subgraphs.shared.messaging.rabbitmq import RabbitMQTransport
from subgraphs.shared.messaging.relay import Relay
from subgraphs.shared.messaging.transport import Transport
from subgraphs.shared.settings import IdentitySettings
from subgraphs.shared.standing.ask_accounts import introspect_at
from subgraphs.shared.standing.standing import AskAccounts
from subgraphs.shared.subgraph import Subgraph

KeySource = Callable[[], Awaitable[KeySet]]


def make_subgraph(
    name: str, *, key_source: KeySource | None = None, ask_accounts: AskAccounts | None = None
) -> Subgraph:
    """
    The subgraph of domain *name*, configured by the environment.

    Tokens are verified with keys from *key_source*, or over HTTP from `JWKS_URL`; whether one is still good is asked of
    *ask_accounts*, or over HTTP at `INTROSPECTION_URL`. Raises pydantic's ValidationError when a setting is missing or
    wrong.
    """
    settings_type = getattr(import_module(f"subgraphs.{name}.core.settings"), f"{name.capitalize()}Settings")
    create: Callable[..., Subgraph] = import_module(f"subgraphs.{name}.main").create_subgraph
    identity = IdentitySettings()
    verifier = TokenVerifier(
        issuer=identity.token_issuer,
        audience=identity.token_audience,
        key_source=key_source or (lambda: fetch_key_set(identity.jwks_url)),
    )
    subgraph = create(settings_type(), verifier=verifier)
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
        subgraphs[name] = make_subgraph(name, key_source=keys_of_accounts, ask_accounts=ask_accounts)
    return subgraphs


class Running:
    """Subgraphs at work: their relays, consumers and jobs. Stops in the reverse order of starting."""

    def __init__(self, subgraphs: Mapping[str, Subgraph], transport: Transport) -> None:
        self._subgraphs = subgraphs
        self._transport = transport
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        await self._transport.start()
        self._stack.push_async_callback(self._transport.stop)
        await self._transport.declare(
            [binding for subgraph in self._subgraphs.values() for binding in subgraph.reactions.bindings()]
        )
        for subgraph in self._subgraphs.values():
            self._stack.push_async_callback(subgraph.close)
        for name, subgraph in self._subgraphs.items():
            relay = Relay(name, subgraph.database, self._transport)
            consumer = Consumer(subgraph.reactions, subgraph.database, self._transport, services=subgraph.services)
            jobs = JobRunner([*subgraph.jobs, *subgraph.standing.jobs()])
            subgraph.is_reacting = partial(_is_running, relay)
            for part in (subgraph.standing, consumer, relay, jobs):
                await part.start()
                self._stack.push_async_callback(part.stop)

    async def stop(self) -> None:
        await self._stack.aclose()


def _is_running(relay: Relay) -> bool:
    return relay.is_running


def transport_from_environment(environment: Mapping[str, str] = os.environ) -> Transport:
    """
    RabbitMQ where `RABBITMQ_URL` names one, else the embedded transport on `BROKER_DATABASE_URL`.

    `RABBITMQ_NAMESPACE` keeps several products apart on one broker.
    """
    if url := environment.get("RABBITMQ_URL"):
        return RabbitMQTransport(url, namespace=environment.get("RABBITMQ_NAMESPACE", "peerseed"))
    return EmbeddedTransport(environment["BROKER_DATABASE_URL"])
