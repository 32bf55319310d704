"""
Figures that change several times in each request.

They are changed by the loop's thread alone, so they need no lock, and are written as Prometheus wants them only when
somebody asks.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import inf

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector


class Count:
    """How often something was."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self) -> None:
        self.value += 1


class Spread:
    """How many of what was observed are at most as large as each of *bounds*."""

    __slots__ = ("_bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * len(bounds)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self._bounds, value)] += 1
        self.sum += value


class TalliedCounter(Collector):
    """A counter with *labels*."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._told = (name, documentation, labels)
        self._counts: dict[tuple[str, ...], Count] = {}
        registry.register(self)

    def of(self, *labels: str) -> Count:
        """The one with the values *labels*."""
        return self._counts.get(labels) or self._counts.setdefault(labels, Count())

    def collect(self) -> Iterable[Metric]:
        name, documentation, labels = self._told
        family = CounterMetricFamily(name, documentation, labels=labels)
        for values, count in list(self._counts.items()):
            family.add_metric(values, count.value)
        yield family


class TalliedHistogram(Collector):
    """A histogram with *labels*; without any it is there from the beginning."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._told = (name, documentation, labels)
        self._bounds = (*buckets, inf)
        self._spreads: dict[tuple[str, ...], Spread] = {} if labels else {(): Spread(self._bounds)}
        registry.register(self)

    def of(self, *labels: str) -> Spread:
        """The one with the values *labels*."""
        return self._spreads.get(labels) or self._spreads.setdefault(labels, Spread(self._bounds))

    def observe(self, value: float) -> None:
        """Of one without labels."""
        self.of().observe(value)

    def collect(self) -> Iterable[Metric]:
        name, documentation, labels = self._told
        family = HistogramMetricFamily(name, documentation, labels=labels)
        bounds = [_as_text(bound) for bound in self._bounds]
        for values, spread in list(self._spreads.items()):
            counts = zip(bounds, map(float, accumulate(spread.counts)), strict=True)
            family.add_metric(values, list(counts), spread.sum)
        yield family


def _as_text(bound: float) -> str:
    """As Prometheus writes it, below a million."""
    return "+Inf" if bound == inf else repr(float(bound))
