"""Letting extensions judge a new supergraph beside the requests, within the time that there is."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from trevo.extensions.extensions import Extensions
from trevo.extensions.told import NewSupergraph
from trevo.supergraph.errors import SupergraphError


async def judge(supergraph: NewSupergraph, extensions: Extensions, seconds_max: float) -> None:
    """Raises SupergraphError where one does not want it, or they are late to say so."""
    if not extensions.judges_supergraphs:
        return
    try:
        async with asyncio.timeout(seconds_max):
            await _in_thread(lambda: extensions.on_supergraph(supergraph))
    except TimeoutError:
        raise SupergraphError(f"the extensions have not judged it within {seconds_max:g} s") from None


def _in_thread(work: Callable[[], None]) -> asyncio.Future[None]:
    """*work* in a thread of its own, for which nobody waits who has left or wants to end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def tell(error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as raised:  # noqa: BLE001  # it is raised where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(tell, error)

    threading.Thread(target=run, name="router-judging", daemon=True).start()
    return future
