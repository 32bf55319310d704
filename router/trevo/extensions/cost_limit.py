"""What an operation may cost, told before it runs and before it is planned."""

import random

from trevo.config.limits import Limits
from trevo.door.cost import check_cost
from trevo.door.too_much import TooMuch
from trevo.extensions.extension import Extension
from trevo.extensions.told import ClientOperation, ClientResponse
from trevo.observability.metrics import Metrics
from trevo.operation.parse import too_much


class CostLimit(Extension):
    """
    Prices operations.

    The whole request is one operation, over HTTP as in a socket's message; so the operation's cost is the request's.
    Those of one batch cost together what one may; what is refused adds nothing. A cost is of all that is written,
    whoever asks: so it can be told beforehand, and hides nothing.
    """

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics

    def on_operation(self, operation: ClientOperation) -> None:
        """Refuses with `COST_ESTIMATED_TOO_EXPENSIVE` and `COST_SLICING_ARGUMENT_REQUIRED`."""
        try:
            operation.cost = operation.price.estimate(operation.variables)
            self._metrics.cost_estimated.observe(operation.cost)
            check_cost(operation.cost, self._limits.cost_max)
            if (batch := operation.request.batch) is not None:
                check_cost(batch.cost + operation.cost, self._limits.cost_max)
                batch.cost += operation.cost
        except TooMuch as excess:
            self._metrics.cost_refused.labels(excess.code).inc()
            raise too_much(excess) from None

    def on_response(self, response: ClientResponse) -> None:
        """Measures a share of the answers by the same weights."""
        operation = response.operation
        if operation is None or response.outcome == "refused":
            return
        if random.random() < self._limits.cost_measured_share:  # noqa: S311  # a share of requests, not a secret
            self._metrics.cost_actual.observe(operation.price.measure(response.data, operation.variables))
