"""
The plan of an operation in its answer, with what each of its requests took, for those who may see it and ask for it.

    trevo-plan: true                   a header of the request, or of a web socket's upgrade, or
    {"extensions": {"plan": true}}     beside `query`

Who may not see it gets the answer without, as if the router had never heard of it.
"""

import time

from trevo.auth.identity import Identity, bears
from trevo.config.shown_plans import ShownPlans
from trevo.extensions.extension import Extension
from trevo.extensions.told import ClientOperation, ClientRequest, ClientResponse, SubscriptionEvent
from trevo.plan.as_json import plan_as_json
from trevo.plan.record import PlanRecord

PLAN_HEADER = "trevo-plan"
_NOTE = "plans_in_answers"


def may_see_plans(identity: Identity | None, shown: ShownPlans) -> bool:
    return shown.to_everybody or bears(identity, shown.scopes, shown.roles, roles_claim=shown.roles_claim)


class PlansInAnswers(Extension):
    """Shows them as *shown* says."""

    def __init__(self, shown: ShownPlans) -> None:
        self._shown = shown

    def on_request(self, request: ClientRequest) -> None:
        is_wanted = request.headers.get(PLAN_HEADER) == "true" or request.extensions.get("plan") is True
        if is_wanted and may_see_plans(request.identity, self._shown):
            request.keep_record()
            request.notes[_NOTE] = True

    def on_response(self, response: ClientResponse) -> None:
        # Of another extension's record nothing is shown.
        if response.request is not None and _NOTE in response.request.notes:
            _show(response.request.record, response.operation, response)

    def on_event(self, event: SubscriptionEvent) -> None:
        if _NOTE in event.operation.request.notes:
            _show(event.record, event.operation, event)


def _show(
    record: PlanRecord | None, operation: ClientOperation | None, told: ClientResponse | SubscriptionEvent
) -> None:
    # What was refused before it was planned has none.
    if record is not None and record.plan is not None and operation is not None:
        plan = plan_as_json(record, until=time.monotonic())
        told.extensions["plan"] = {**plan, "cost": operation.cost}
