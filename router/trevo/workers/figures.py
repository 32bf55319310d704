"""
The figures of all workers on one port, each with the label `worker`.

They add up where they are asked for (`sum without (worker) (…)`), as those of several replicas do. Added up here, a
worker that begins anew would look like a fall of the whole, from which Prometheus would compute a jump.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families

LABEL = "worker"


class WorkersFigures(CollectorRegistry):
    """
    What *ask* gives: each worker's figures by its number, as text; those that do not answer are left out.

    The supervisor's own process is among them under its name, and what is registered here has no label.
    """

    def __init__(self, ask: Callable[[], Mapping[str, str]]) -> None:
        super().__init__()
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        yield from super().collect()
        own = generate_latest(REGISTRY).decode()
        yield from labelled({**self._ask(), "supervisor": own}).values()


def labelled(texts: Mapping[str, str]) -> Mapping[str, Metric]:
    """The families of *texts*, each once, with the samples of all."""
    families: dict[str, Metric] = {}
    for number, text in sorted(texts.items()):
        for family in _families(text):
            known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                known.samples.append(sample._replace(labels={**sample.labels, LABEL: number}))
    return families


def _families(text: str) -> Iterable[Metric]:
    families: Iterable[Metric] = text_string_to_metric_families(text)
    return families
