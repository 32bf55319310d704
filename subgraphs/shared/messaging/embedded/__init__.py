"""
The transport that needs no broker: queues as rows of a PostgreSQL database of their own.

It keeps RabbitMQ's promises by other means. A publish is one commit that puts a row
on every bound queue. A consumer *leases* rows (`FOR UPDATE SKIP LOCKED`), deletes
them when settled and renews the lease while it works. A lease names its owner, which
holds an advisory lock on its own connection; so whoever connects can tell the leases
of the dead from those of the living, and frees the former at once instead of waiting
for their end.

Nothing polls: NOTIFY wakes consumers, and their waits end when the next row becomes
visible.
"""

from subgraphs.shared.messaging.embedded.transport import EmbeddedTransport

__all__ = ["EmbeddedTransport"]
