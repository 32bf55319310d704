"""What answering needs beside a request and a graph: it stays while graphs come and go."""

import asyncio
from collections.abc import Callable, Mapping

from trevo.auth.identity import Identity, Verifier, check_scope
from trevo.config.settings import Settings
from trevo.errors import RequestRefused, refuse
from trevo.extensions.extensions import Extensions
from trevo.gateway.admission import Admission
from trevo.gateway.documents import Documents
from trevo.gateway.override_labels import OverrideLabels
from trevo.gateway.permit import Permissions
from trevo.gateway.subscription import MADE_WAY, STOPPING
from trevo.observability.metrics import Metrics

GOING_OVER_MAX = 10
"""Subscriptions that are planned for a new graph at the same time, so that new operations need not wait for all."""


class Service:
    """One for each router."""

    def __init__(
        self,
        settings: Settings,
        verifier: Verifier | None,
        metrics: Metrics,
        *,
        extensions: Extensions,
        permissions: Permissions,
        labels: OverrideLabels,
    ) -> None:
        limits = settings.limits
        self.settings = settings
        self.verifier = verifier
        self.metrics = metrics
        self.permissions = permissions
        self.labels = labels
        self.extensions = extensions
        self.documents = Documents(settings, metrics)
        self.requests = Admission(
            limits.in_flight_max, metrics.in_flight, full=_too_many("TOO_MANY_REQUESTS_IN_FLIGHT", "The router is busy")
        )
        self.subscriptions = Admission(
            limits.subscriptions_max,
            metrics.subscriptions,
            full=_too_many("TOO_MANY_SUBSCRIPTIONS", "Too many subscriptions are open"),
            per_person_max=limits.subscriptions_per_person_max,
        )
        self.going_over = asyncio.Semaphore(GOING_OVER_MAX)
        """For a subscription to be planned anew."""
        no_socket = _too_many("TOO_MANY_SOCKETS", "Too many web sockets are open")
        self.arriving_sockets = Admission(
            limits.sockets_arriving_max,
            metrics.sockets.labels("arriving"),
            full=no_socket,
            per_person_max=limits.sockets_per_address_max,
            makes_way=MADE_WAY,
        )
        self.anonymous_sockets = Admission(
            limits.sockets_anonymous_max,
            metrics.sockets.labels("anonymous"),
            full=no_socket,
            per_person_max=limits.sockets_per_address_max,
        )
        self.sockets = Admission(
            limits.sockets_max,
            metrics.sockets.labels("signed_in"),
            full=no_socket,
            per_person_max=limits.sockets_per_person_max,
        )

    async def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Whose token *headers* have; None without one, or where none is read here. Refuses as the verifier does."""
        if self.verifier is None:
            return None
        identity = await self.verifier.verify(headers.get("authorization"))
        check_scope(identity, self.settings.required_scope)
        return identity

    def stop(self) -> None:
        """End what stays open, so that the process can."""
        self.subscriptions.close(STOPPING)
        for sockets in (self.arriving_sockets, self.anonymous_sockets, self.sockets):
            sockets.close(STOPPING)


def _too_many(code: str, what: str) -> Callable[[], RequestRefused]:
    return lambda: refuse(
        code, f"{what}; try again in a moment.", status=503, is_transport=True, headers={"retry-after": "1"}
    )
