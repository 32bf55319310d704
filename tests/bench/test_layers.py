"""The bench's meter: every nanosecond belongs to one layer, wherever a task takes it."""

import asyncio

from bench.screens.layers import GRAPHQL, LOOP, ROUTER, SQL, LayerMeter


class Clock:
    """Goes on when somebody works."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def work(self, nanoseconds: int) -> None:
        self.now += nanoseconds


async def test_layers_within_layers_add_up() -> None:
    clock = Clock()
    meter = LayerMeter(clock)
    with meter.running():
        with meter.layer(ROUTER):
            clock.work(1)
            with meter.layer(GRAPHQL):
                clock.work(20)
                with meter.layer(SQL):
                    clock.work(300)
                clock.work(4_000)
            clock.work(50_000)
        clock.work(600_000)
    assert meter.nanoseconds == {ROUTER: 50_001, GRAPHQL: 4_020, SQL: 300, LOOP: 600_000}


async def test_tasks_and_callbacks_go_on_in_the_layer_that_began_them() -> None:
    clock = Clock()
    meter = LayerMeter(clock)

    async def subgraph(nanoseconds: int) -> None:
        clock.work(nanoseconds)
        with meter.layer(GRAPHQL):
            await asyncio.sleep(0)  # another task takes its turn in the middle of this layer
            clock.work(nanoseconds * 10)
            asyncio.get_running_loop().call_soon(clock.work, nanoseconds * 100)
        await asyncio.sleep(0)
        clock.work(nanoseconds * 1_000)

    with meter.running(), meter.layer(ROUTER):
        await asyncio.gather(subgraph(1), subgraph(2))
    assert meter.nanoseconds == {ROUTER: 3_003, GRAPHQL: 330, LOOP: 0}


async def test_a_layer_that_is_left_by_an_error_is_left() -> None:
    clock = Clock()
    meter = LayerMeter(clock)
    with meter.running(), meter.layer(ROUTER):
        try:
            with meter.layer(SQL):
                clock.work(1)
                raise LookupError
        except LookupError:
            clock.work(20)
    assert meter.nanoseconds == {SQL: 1, ROUTER: 20, LOOP: 0}


async def test_nothing_is_left_of_the_meter_afterwards() -> None:
    run = asyncio.Handle._run
    meter = LayerMeter(Clock())
    with meter.running():
        assert asyncio.Handle._run is not run
    assert asyncio.Handle._run is run
