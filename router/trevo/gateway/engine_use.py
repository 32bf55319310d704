"""That a request is answered with one engine, which lives as long; or, one after another, with several."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trevo.gateway.engine import Engine


class EngineUse:
    """One request's use of *engine*, until it ends."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._follower: Callable[[], None] | None = None
        engine.begin_request()

    @property
    def is_superseded(self) -> bool:
        """Whether another graph has taken over."""
        return self.engine.successor is not None

    def follow(self, follower: Callable[[], None]) -> None:
        """Call *follower* whenever another graph has taken over; at once where one has."""
        self._follower = follower
        self._begin_to_follow()

    @contextmanager
    def going_over(self) -> Iterator[Engine]:
        """
        A block in which to go over to the newest engine, which is given.

        Both are used in it, so that nothing of either is closed; after it only the new one is. Where it raises, all
        stays as it was.
        """
        old = new = self.engine
        while new.successor is not None:
            new = new.successor
        new.begin_request()
        try:
            yield new
        except BaseException:
            new.end_request()
            raise
        self._stop_following()
        self.engine = new
        self._begin_to_follow()
        old.end_request()

    def end(self) -> None:
        """Use it no more."""
        self._stop_following()
        self.engine.end_request()

    def _begin_to_follow(self) -> None:
        if self._follower is not None:
            self.engine.followers.add(self._follower)
            if self.is_superseded:
                self._follower()

    def _stop_following(self) -> None:
        if self._follower is not None:
            self.engine.followers.discard(self._follower)
