"""Figures of requests and of fetches."""

from trevo.extensions.extension import Extension
from trevo.extensions.told import ClientResponse, FetchOutcome
from trevo.observability.metrics import Metrics


class RequestFigures(Extension):
    """Tells *metrics* of them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def after_fetch(self, outcome: FetchOutcome) -> None:
        self._metrics.observe_fetch(outcome.subgraph, outcome.seconds, outcome.outcome)

    def on_response(self, response: ClientResponse) -> None:
        # What could not be read as a request is no request; the server counts connections and statuses.
        if response.request is not None:
            self._metrics.observe_request(
                response.operation_name, response.operation_kind, response.outcome, response.seconds
            )
