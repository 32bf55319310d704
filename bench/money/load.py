"""
Investments asked for at the public endpoint: by connections that never rest, or by people who arrive and think.

Each asks for one quota, with its own key. Investors take turns, as each may buy only `QUOTAS_EACH` of one borrower.
"""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import orjson

from bench.gateways.load import Client, connect
from story.funding import INVEST, PHRASE
from story.people import Person

QUOTAS_EACH = 150
VISITS = 2
"""How often somebody who has arrived invests, with a thought between."""


@dataclass
class Asked:
    """What became of the requests."""

    accepted: dict[str, float] = field(default_factory=dict)
    """Seconds to the answer, by investment."""
    refused: Counter[str] = field(default_factory=Counter)
    """By the refusal's type."""
    faults: list[str] = field(default_factory=list)
    found_all_taken: int = 0
    """Times that somebody found all connections taken, and opened another."""


@dataclass
class Load:
    """Who asks for what."""

    port: int
    people: Sequence[Person]
    offerings: Sequence[str]
    asked: Asked = field(default_factory=Asked)
    _turn: Iterator[int] = field(default_factory=count)

    async def without_rest(self, connections: int, seconds: float) -> None:
        """Each of so many *connections* asks again as soon as it has its answer."""
        until = time.monotonic() + seconds

        async def ask_on() -> None:
            client = await connect(self.port)
            while time.monotonic() < until:
                await self.invest(client)
            client.transport.close()

        await asyncio.gather(*(ask_on() for _ in range(connections)))

    async def arriving(self, rate: float, think_seconds: float, seconds: float) -> None:
        """
        People arrive at *rate* a second, whether or not those before have their answers, and invest `VISITS` times.

        Gaps are exponential, from a fixed seed.
        """
        chance = random.Random(20_261_130)
        idle: list[Client] = []

        async def visit() -> None:
            for number in range(VISITS):
                if number:
                    await asyncio.sleep(think_seconds)
                if not idle:
                    self.asked.found_all_taken += 1
                client = idle.pop() if idle else await connect(self.port)
                await self.invest(client)
                idle.append(client)

        started, at = time.monotonic(), 0.0
        async with asyncio.TaskGroup() as people:
            while (at := at + chance.expovariate(rate)) < seconds:
                await asyncio.sleep(max(started + at - time.monotonic(), 0))
                people.create_task(visit())
        for client in idle:
            client.transport.close()

    async def invest(self, client: Client) -> None:
        turn = next(self._turn)
        request = self._request(self.people[turn % len(self.people)], self.offerings[turn % len(self.offerings)])
        began = time.monotonic()
        answer = await client.ask(request)
        seconds = time.monotonic() - began
        try:
            it = orjson.loads(answer)["data"]["invest"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            self.asked.faults.append(answer[:300].decode())
            return
        if it["__typename"] == "Investment":
            self.asked.accepted[it["id"]] = seconds
        else:
            self.asked.refused[it["__typename"]] += 1

    def _request(self, person: Person, offering_id: str) -> bytes:
        wish = {
            "offeringId": offering_id,
            "quotaCount": 1,
            "idempotencyKey": uuid.uuid4().hex,
            "confirmationPhrase": PHRASE,
        }
        body = orjson.dumps({"query": INVEST, "variables": {"input": wish}})
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\ncontent-type: application/json\r\n"
            f"authorization: Bearer {person.token}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body
