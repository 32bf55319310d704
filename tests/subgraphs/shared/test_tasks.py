"""A background task that is told to end ends, whatever happens in that moment."""

import asyncio
from contextlib import suppress

import pytest

from subgraphs.shared import tasks
from subgraphs.shared.messaging.relay import _Wake


async def test_a_task_that_tidies_up_badly_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "ASKED_AGAIN_SECONDS", 0.01)
    began, losses = asyncio.Event(), 0

    async def keep_going() -> None:
        nonlocal losses
        while True:
            with suppress(ConnectionError):  # as after any trouble
                try:
                    began.set()
                    await asyncio.sleep(3600)
                finally:
                    if losses < 2:
                        losses += 1
                        raise ConnectionError("the server has gone before us")

    task = asyncio.create_task(keep_going())
    await began.wait()
    await tasks.end(task)
    assert task.cancelled()
    assert losses == 2


async def test_several_end_together_and_a_failure_is_told() -> None:
    async def fail() -> None:
        raise ValueError("broken before")

    failed, waits = asyncio.create_task(fail()), asyncio.create_task(asyncio.sleep(3600))
    await asyncio.wait({failed})
    with pytest.raises(ValueError, match="broken before"):
        await tasks.end(waits, failed)
    assert waits.cancelled()


async def test_whoever_is_woken_in_the_moment_of_its_end_ends() -> None:
    """`asyncio.wait_for` loses the cancellation here, and a stop waited for ever."""
    wake = _Wake()
    relay = asyncio.create_task(wake.wait(3600))
    await asyncio.sleep(0)
    wake.on_notify()
    relay.cancel()
    await asyncio.wait({relay})
    assert relay.cancelled()
