"""
Facts travel between domains as events, and every one of them arrives.

In the order of a fact's journey:

- `event`: what a fact looks like (CloudEvents 1.0), and the class a domain writes for each type;
- `outbox`: the row written in the business transaction, so that fact and event commit together;
- `relay`: takes unsent rows to the broker and marks them only after its confirmation;
- `transport`: what a broker must do, with two implementations, `rabbitmq` and `embedded`;
- `consumer`: runs a domain's `reactions`, each on its own queue, once per event through the `inbox`;
- `dead_letters`: what could not be handled, for people to read, replay or purge.

Delivery is at least once; the effect is exactly once, because the inbox row is
written in the transaction of the reaction's work.
"""
