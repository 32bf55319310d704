"""Counters and timings of messaging, for Prometheus."""

from prometheus_client import Counter, Histogram

published = Counter("peerseed_events_published", "Events that the broker confirmed.", ["type"])
publish_refused = Counter("peerseed_events_publish_refused", "Events that the broker refused to take.", ["type"])
unroutable = Counter("peerseed_events_unroutable", "Events published with no queue bound to their type.", ["type"])
consumed = Counter("peerseed_events_consumed", "Events handled, the repeated ones included.", ["queue"])
repeated = Counter("peerseed_events_repeated", "Deliveries of an event that its handler had handled before.", ["queue"])
retried = Counter("peerseed_events_retried", "Deliveries put off to be tried again.", ["queue", "cause"])
dead = Counter("peerseed_events_dead", "Messages given up and kept as dead letters.", ["queue"])
handling_seconds = Histogram("peerseed_event_handling_seconds", "Time that a handler took for one event.", ["queue"])
relay_failures = Counter("peerseed_outbox_relay_failures", "Rounds of the relay that ended in an error.", ["domain"])
