"""
How far settling is behind accepting, and what that means for who comes now.

An investment is accepted at once; the wallet's hold and all that follows come later. Where people come faster than that
is done, what waits would grow without end, and with it everybody's time to the answer. So nobody new is accepted while
what was accepted waits too long.
"""

import asyncio
from datetime import datetime, timedelta

from subgraphs.marketplace.crud import investments
from subgraphs.shared.database import Database
from subgraphs.shared.refusal import Busy

AGE_MAX = timedelta(seconds=10)
"""Longest that what was accepted may wait for its answer while more is accepted."""

STUCK_MAX = 20
"""So many of the oldest are passed over: one that waits for something of its own holds up nobody else."""

STUCK_AFTER = timedelta(minutes=1)
"""What has waited longer is not behind but stuck, however many they are. While the wallet is away, some are let in each
minute; without this, what is stuck for good would close the market until it is out of time."""

LOOK_EVERY_SECONDS = 1.0
"""Each process looks so often, whatever the number of requests."""


class Backlog:
    """What waits for the wallet, as it was when this process last looked."""

    def __init__(self) -> None:
        self._is_late = False
        """Whether the oldest of those that count had waited too long by then."""
        self._look_at = 0.0

    async def admit(self, database: Database, *, now: datetime) -> None:
        """Refuses with Busy while what was accepted waits too long. Holds nothing, and makes nobody wait."""
        loop_time = asyncio.get_running_loop().time()
        if loop_time >= self._look_at:
            if loop_time >= self._look_at + LOOK_EVERY_SECONDS:
                self._is_late = False  # what was seen before a quiet while says nothing about those who come now
            self._look_at = loop_time + LOOK_EVERY_SECONDS  # before looking: one request looks for all
            async with database.read() as session:
                since = await investments.find_waiting_since(
                    session, later_than=now - STUCK_AFTER, passed_over=STUCK_MAX
                )
            self._is_late = since is not None and now - since > AGE_MAX
        if self._is_late:
            raise Busy
