"""Ending background tasks for certain."""

import asyncio

ASKED_AGAIN_SECONDS = 5.0
"""How long a task may tidy up after being cancelled before it is told again."""


async def end(*tasks: asyncio.Task[None]) -> None:
    """
    Cancel *tasks* and wait until they have ended.

    A cancellation can be lost on its way: an error that tidying up raises takes its place, and code that goes on after
    any error then goes on after this one too. Whoever waited for such a task would wait for ever, so it is told again.
    Raises what a task failed with before it was told.
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=ASKED_AGAIN_SECONDS)
    for task in tasks:
        if not task.cancelled():
            task.result()
