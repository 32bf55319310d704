"""Counters and timings of messaging, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

published = Counter("peerseed_events_published", "Events that the broker confirmed.", ["type"])
publish_refused = Counter("peerseed_events_publish_refused", "Events that the broker refused to take.", ["type"])
unroutable = Counter("peerseed_events_unroutable", "Events published with no queue bound to their type.", ["type"])
consumed = Counter("peerseed_events_consumed", "Events handled, the repeated ones included.", ["queue"])
repeated = Counter("peerseed_events_repeated", "Deliveries of an event that its handler had handled before.", ["queue"])
retried = Counter("peerseed_events_retried", "Deliveries put off to be tried again.", ["queue", "cause"])
dead = Counter("peerseed_events_dead", "Messages given up and kept as dead letters.", ["queue"])
undone_batches = Counter(
    "peerseed_event_batches_undone", "Batches of which each event was then handled alone.", ["queue"]
)
handling_seconds = Histogram(
    "peerseed_event_handling_seconds", "Time that a handler took for one event, or for a set of them.", ["queue"]
)
broker_is_there = Gauge("peerseed_broker_is_there", "1 while the message broker answers this process, else 0.")
outbox_unsent = Gauge(
    "peerseed_outbox_unsent", "Events that wait to be sent, as of the relay's last round.", ["domain"]
)
waits_for_a_queue = Gauge(
    "peerseed_events_wait_for_a_queue",
    "1 for a type that somebody must hear and no queue takes, else 0.",
    ["domain", "type"],
)
relay_failures = Counter("peerseed_outbox_relay_failures", "Rounds of the relay that ended in an error.", ["domain"])
