"""Asking providers: outside of transactions, a few times, and again later when they stay silent."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import stamina
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.contracts.core.services import Services
from subgraphs.contracts.crud import provider_orders
from subgraphs.contracts.domain import registration, signing
from subgraphs.contracts.models import Party
from subgraphs.contracts.ports.provider import ProviderUnavailable
from subgraphs.contracts.ports.registry import RegistryOrder
from subgraphs.contracts.ports.signature import SignatureOrder
from subgraphs.shared.jobs import one_by_one
from subgraphs.shared.people import PeopleUnavailable

log = structlog.get_logger()


async def ask_provider(services: Services, order: SignatureOrder | RegistryOrder) -> None:
    """
    Hand *order* to its provider, with a few attempts and growing waits.

    Raises ProviderUnavailable when it stays away; whoever asked tries again later.
    """
    if isinstance(order, SignatureOrder):
        signature_order = order
        await _with_attempts(services, lambda: services.signature_provider.request_signature(signature_order))
    else:
        registry_order = order
        await _with_attempts(services, lambda: services.registry.request_registration(registry_order))


async def note_asked(session: AsyncSession, order_id: UUID, *, now: datetime) -> None:
    """Remember that the provider took the order; it may have answered already."""
    order = await provider_orders.lock_order(session, order_id)
    assert order is not None  # noqa: S101  # orders are never deleted
    order.asked_at = now
    order.attempts += 1


async def chase_providers(services: Services) -> int:
    """
    Ask again for every order whose provider has been silent for too long; how many.

    A webhook can be lost for good; the order's reference makes asking again harmless.
    """
    now = services.clock.now()
    since = now - timedelta(seconds=services.settings.provider_patience_seconds)
    async with services.database.read() as session:
        silent = [(row.id, Party(row.party)) for row in await provider_orders.list_silent_orders(session, since=since)]
    chased = 0

    async def chase(silent_order: tuple[UUID, Party]) -> None:
        nonlocal chased
        order_id, party = silent_order
        try:
            order = await _prepare_order(services, party, order_id)
            if order is None:
                return
            await ask_provider(services, order)
        except (ProviderUnavailable, PeopleUnavailable) as error:
            log.warning("a provider is away", party=party.value, order_id=str(order_id), error=str(error))
            return
        async with services.database.begin() as session:
            await note_asked(session, order_id, now=now)
        chased += 1

    await one_by_one("chase_silent_providers", silent, chase, name=lambda silent_order: silent_order[0])
    return chased


async def _prepare_order(services: Services, party: Party, order_id: UUID) -> SignatureOrder | RegistryOrder | None:
    if party is Party.SIGNATURE:
        return await signing.prepare_order(services.database, services.people, order_id)
    async with services.database.read() as session:
        return await registration.prepare_order(session, order_id)


async def _with_attempts(services: Services, ask: Callable[[], Awaitable[None]]) -> None:
    settings = services.settings
    attempts = stamina.retry_context(
        on=ProviderUnavailable,
        attempts=settings.provider_attempts,
        wait_initial=settings.provider_retry_seconds,
        wait_max=settings.provider_timeout_seconds,
        wait_jitter=settings.provider_retry_seconds,
        timeout=None,
    )
    async for attempt in attempts:
        with attempt:
            try:
                async with asyncio.timeout(settings.provider_timeout_seconds):
                    await ask()
            except TimeoutError:
                raise ProviderUnavailable("the provider did not answer in time") from None
