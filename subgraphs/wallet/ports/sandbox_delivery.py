"""
How the sandbox gateway's webhooks reach us: signed, over real HTTP, again and again until somebody answers 2xx.

A webhook is a row, written together with what it tells; so neither can be lost without the other. A delivery is
claimed by moving its time ahead: a process that dies after the claim leaves it to be tried again.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.ids import new_id
from subgraphs.shared.webhooks import sign_webhook
from subgraphs.wallet.models import SandboxDelivery

log = structlog.get_logger()

CLAIM = timedelta(seconds=30)
"""Longer than an attempt may take; a delivery of a dead process is tried again after it."""
ATTEMPT_SECONDS_MAX = 10
BACKOFF_SECONDS_MAX = 300
AT_ONCE = 20
LATE = timedelta(minutes=2)
"""How much later the sandbox tells what it is asked to tell late."""


class WebhookDelivery:
    """Delivers to one address, with one secret."""

    def __init__(self, database: Database, *, clock: Clock, url: str, secret: str) -> None:
        self._database = database
        self._clock = clock
        self.url = url
        self._secret = secret
        self._running: set[asyncio.Task[int]] = set()

    def enqueue(
        self,
        session: AsyncSession,
        notice: Mapping[str, Any],
        *,
        due_at: datetime,
        wrong_signature: bool = False,
    ) -> None:
        """Have *notice* delivered from *due_at* on, if *session*'s transaction commits."""
        session.add(
            SandboxDelivery(
                id=new_id(),
                body=json.dumps(notice, ensure_ascii=False),
                wrong_signature=wrong_signature,
                due_at=due_at,
                attempts=0,
            )
        )

    def wake(self) -> None:
        """Deliver now what is due, without waiting for the job's next run; errors are the job's to repeat."""
        task = asyncio.create_task(self.deliver_due())
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[int]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("sandbox webhooks could not be delivered at once", exc_info=error)

    async def deliver_due(self) -> int:
        """Try every delivery that is due; answers how many arrived."""
        claimed = await self._claim()
        if not claimed:
            return 0
        timeout = aiohttp.ClientTimeout(total=ATTEMPT_SECONDS_MAX)
        async with aiohttp.ClientSession(timeout=timeout) as client:
            arrived = await asyncio.gather(*(self._attempt(client, delivery) for delivery in claimed))
        return sum(arrived)

    async def close(self) -> None:
        """Wait for attempts under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _claim(self) -> list[SandboxDelivery]:
        now = self._clock.now()
        statement = (
            select(SandboxDelivery)
            .where(SandboxDelivery.delivered_at.is_(None), SandboxDelivery.due_at <= now)
            .order_by(SandboxDelivery.due_at, SandboxDelivery.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        async with self._database.begin() as session:
            claimed = list((await session.scalars(statement)).all())
            for delivery in claimed:
                delivery.attempts += 1
                delivery.due_at = now + CLAIM
        return claimed

    async def _attempt(self, client: aiohttp.ClientSession, delivery: SandboxDelivery) -> bool:
        error = await self._post(client, delivery)
        now = self._clock.now()
        async with self._database.begin() as session:
            row = await session.get_one(SandboxDelivery, delivery.id)
            row.last_error = error
            if error is None:
                row.delivered_at = now
            else:
                delay = min(2 ** min(row.attempts - 1, 16), BACKOFF_SECONDS_MAX)
                row.due_at = now + timedelta(seconds=delay)
        if error is not None:
            log.warning("a sandbox webhook was not taken", attempts=delivery.attempts, error=error)
        return error is None

    async def _post(self, client: aiohttp.ClientSession, delivery: SandboxDelivery) -> str | None:
        """What went wrong, if anything did."""
        forged = delivery.wrong_signature and delivery.attempts == 1
        body = delivery.body.encode()
        headers = sign_webhook("not the secret" if forged else self._secret, body, now=self._clock.unmoved())
        headers["content-type"] = "application/json"
        try:
            async with client.post(self.url, data=body, headers=headers, allow_redirects=False) as response:
                return None if response.status < 300 else f"HTTP {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"{type(error).__name__}: {error}"
