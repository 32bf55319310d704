"""What is tallied reads as what the library counts itself."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from trevo.observability.tally import TalliedCounter, TalliedHistogram

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
