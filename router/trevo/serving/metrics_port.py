"""`/metrics` on a port of its own, for the network of those who watch and nobody else's."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, Metric, start_http_server


class Together(CollectorRegistry):
    """The figures of several registries."""

    def __init__(self, registries: Iterable[CollectorRegistry]) -> None:
        super().__init__()
        self._registries = tuple(registries)

    def collect(self) -> Iterator[Metric]:
        for registry in self._registries:
            yield from registry.collect()


@contextmanager
def metrics_on(port: int | None, host: str, *registries: CollectorRegistry) -> Iterator[int | None]:
    """
    Serve what the process counts, and *registries*, at *host* for the time of the block; the port that was taken.

    None: nobody watches. It is answered beside the event loop, so a busy process still tells that it is busy.
    """
    with figures_on(port, host, Together((REGISTRY, *registries))) as taken:
        yield taken


@contextmanager
def figures_on(port: int | None, host: str, registry: CollectorRegistry) -> Iterator[int | None]:
    """The same for *registry* alone."""
    if port is None:
        yield None
        return
    server, thread = start_http_server(port, host, registry=registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        _join(thread)


def _join(thread: threading.Thread) -> None:
    thread.join(timeout=5)
