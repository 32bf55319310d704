"""What is tallied reads as what the library counts itself, and is changed by one thread."""

import threading
from dataclasses import replace

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from tests.router.extensions.asking import ask, routing
from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.execute import long_work
from trevo.gateway import engine
from trevo.observability.tally import Count, Spread, TalliedCounter, TalliedHistogram
from trevo.program.program import compile_program

OBSERVED = (0.0, 0.001, 0.002, 0.5, 1.0, 40.0)
BUCKETS = (0.001, 0.25, 1, 30)


def text_of(registry):
    """Without when each was made, which is not tallied."""
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if "_created" not in line]


def test_a_histogram_with_labels():
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tallied = TalliedHistogram("a_seconds", "Time.", ["b", "c"], buckets=BUCKETS, registry=ours)
    counted = Histogram("a_seconds", "Time.", ["b", "c"], buckets=BUCKETS, registry=theirs)
    for number, value in enumerate(OBSERVED):
        tallied.of('x"', str(number % 2)).observe(value)
        counted.labels('x"', str(number % 2)).observe(value)
    assert text_of(ours) == text_of(theirs)


def test_a_histogram_without_labels_is_there_before_anything_is():
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tallied = TalliedHistogram("a_cost", "Cost.", buckets=BUCKETS, registry=ours)
    counted = Histogram("a_cost", "Cost.", buckets=BUCKETS, registry=theirs)
    assert text_of(ours) == text_of(theirs)
    for value in OBSERVED:
        tallied.observe(value)
        counted.observe(value)
    assert text_of(ours) == text_of(theirs)


def test_a_counter():
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tallied = TalliedCounter("a_total", "How many.", ["b"], ours)
    counted = Counter("a_total", "How many.", ["b"], registry=theirs)
    for label in ("x", "y", "x"):
        tallied.of(label).inc()
        counted.labels(label).inc()
    assert text_of(ours) == text_of(theirs)


async def test_only_the_loops_thread_changes_what_is_tallied_also_where_large_answers_are_made_in_others(monkeypatch):
    threads, beside = set(), set()

    def noting(where, call):
        def noted(*given):
            where.add(threading.current_thread())
            return call(*given)

        return noted

    monkeypatch.setattr(Count, "inc", noting(threads, Count.inc))
    monkeypatch.setattr(Spread, "observe", noting(threads, Spread.observe))
    monkeypatch.setattr(long_work, "LARGE_BYTES", 0)

    def compiled(*given, **options):
        program = compile_program(*given, **options)
        return replace(program, project=noting(beside, program.project))

    monkeypatch.setattr(engine, "compile_program", compiled)
    settings = Settings(limits=Limits(compile_after_uses=1, cost_measured_share=1.0))
    async with routing(settings=settings) as router:
        assert (await ask(router, '{ user(id: "u1") { id } }')).errors == []
        assert router.metrics.program_runs.of("done").value == 1
    assert threads == {threading.main_thread()}
    assert beside
    assert threading.main_thread() not in beside
