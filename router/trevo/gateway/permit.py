"""
What of an operation its sender may have.

    rule of the operation → which clauses fail for whoever asks → what is left

Whether a rule holds is decided once for each request, before anything is planned for it. A subscription is decided when
it begins, and ends with its token.
"""

from collections.abc import Mapping

import structlog

from trevo.auth.policies import Policies
from trevo.config.settings import Settings
from trevo.errors import ClientError, RequestRefused
from trevo.extensions.told import ClientOperation
from trevo.gateway.engine import Engine
from trevo.gateway.prepared import Permitted, PreparedOperation
from trevo.observability.metrics import Metrics
from trevo.projection.project_response import UNAUTHORIZED
from trevo.supergraph.authorization import Asker, Rule, failing, policies_of

log = structlog.get_logger()

FIELDS_LOGGED_MAX = 20
"""Of one request."""


class Permissions:
    """Decides for all requests."""

    def __init__(self, settings: Settings, policies: Policies, metrics: Metrics) -> None:
        self.policies = policies
        self._mode = settings.authorization.mode
        self._errors_max = settings.limits.errors_max
        self._metrics = metrics

    async def permit(
        self, operation: ClientOperation, prepared: PreparedOperation, conditions: Mapping[str, bool], engine: Engine
    ) -> Permitted:
        """
        What of *prepared* the sender of *operation* may have; what is left out is counted.

        Refuses with `UNAUTHORIZED_FIELD_OR_TYPE` (403) where there is to be nothing unless it is all; and a
        subscription of which nothing is left, for nobody would ever hear of it.
        """
        if not prepared.rule:
            return prepared.whole
        permitted = await engine.permit(prepared, await self._failing(operation, prepared.rule))
        self._check(prepared, permitted, conditions)
        return permitted

    async def _failing(self, operation: ClientOperation, rule: Rule) -> Rule:
        """The clauses of *rule* that do not hold for the sender of *operation*."""
        identity, deadline = operation.request.identity, operation.request.deadline
        granted: frozenset[str] = frozenset()
        if names := policies_of(rule):
            granted = await self.policies.granted(names, operation.info(), seconds_left=deadline.seconds_left())
        scopes = identity.scopes if identity else frozenset[str]()
        return failing(rule, Asker(identity is not None, scopes, granted))

    def _check(self, prepared: PreparedOperation, permitted: Permitted, conditions: Mapping[str, bool]) -> None:
        """Count what is left out under these *conditions*, and refuse as `permit` says."""
        left_out = [
            each for each in permitted.left_out if all(conditions[name] is value for name, value in each.condition)
        ]
        if not left_out:
            return
        self._metrics.unauthorized_fields.labels(self._mode).inc(len(left_out))
        coordinates = sorted({each.coordinate for each in left_out})
        log.info("fields without permission", operation=prepared.name, fields=coordinates[:FIELDS_LOGGED_MAX])
        if self._mode == "reject" or (prepared.kind == "subscription" and permitted.asked.is_answered_here):
            errors = (
                ClientError(f"You may not read {each}.", UNAUTHORIZED) for each in coordinates[: self._errors_max]
            )
            raise RequestRefused(*errors, status=403)
