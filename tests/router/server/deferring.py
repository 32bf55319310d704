"""What tests of `@defer` ask for, and how they see what happens meanwhile."""

import asyncio

from trevo.config.rates import Rates

SLOW = '{ me { name ... @defer(label: "voices") { reviews { body } } } }'
AT_ONCE = {
    "data": {"me": {"name": "Ada"}},
    "pending": [{"id": "0", "path": ["me"], "label": "voices"}],
    "hasNext": True,
}
LATER = {
    "incremental": [{"id": "0", "data": {"reviews": [{"body": "good"}, {"body": "fine"}]}}],
    "completed": [{"id": "0"}],
    "hasNext": False,
}
NO_RATES = Rates(enabled=False)


class Held:
    """A subgraph that answers when it is told to."""

    def __init__(self, subgraph):
        self.subgraph = subgraph
        self.asked, self.told = asyncio.Event(), asyncio.Event()
        self.was_cancelled = asyncio.Event()
        subgraph.fault = self.answer

    async def answer(self, request):
        self.asked.set()
        try:
            await self.told.wait()
        except asyncio.CancelledError:
            self.was_cancelled.set()
            raise
        return (await self.subgraph.run(request)).formatted


class Ended:
    """Waits until an answer in parts has ended."""

    def __init__(self, metrics):
        self.is_told = asyncio.Event()
        self.counter = metrics.responses_in_parts
        metrics.responses_in_parts = self

    def labels(self, reason):
        self.counter.labels(reason).inc()
        self.is_told.set()
        return self.counter.labels("of the test")
